#include "dns/admin/metrics_text.hpp"

#include <algorithm>
#include <utility>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace meshdns::admin {

Labels with(Labels labels, std::initializer_list<std::pair<std::string_view, std::string_view>> more) {
  for (const auto& [name, value] : more) {
    labels.emplace_back(name, value);
  }
  return labels;
}

class MetricsText::Impl {
 public:
  void begin(std::string_view name, std::string_view help, prometheus::MetricType type) {
    prometheus::MetricFamily& family = families_.emplace_back();
    family.name = name;
    family.help = help;
    family.type = type;
  }

  prometheus::ClientMetric& add(Labels labels) {
    prometheus::ClientMetric& metric = families_.back().metric.emplace_back();
    for (auto& [name, value] : labels) {
      metric.label.push_back({std::move(name), std::move(value)});
    }
    std::sort(metric.label.begin(), metric.label.end());
    return metric;
  }

  std::string text() const {
    std::vector<prometheus::MetricFamily> written;
    std::ranges::copy_if(families_, std::back_inserter(written),
                         [](const auto& family) { return !family.metric.empty(); });
    std::ranges::sort(written, {}, &prometheus::MetricFamily::name);
    return prometheus::TextSerializer().Serialize(written);
  }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

MetricsText::MetricsText() : impl_(std::make_unique<Impl>()) {}
MetricsText::~MetricsText() = default;

void MetricsText::counter(std::string_view name, std::string_view help) {
  impl_->begin(name, help, prometheus::MetricType::Counter);
}
void MetricsText::gauge(std::string_view name, std::string_view help) {
  impl_->begin(name, help, prometheus::MetricType::Gauge);
}
void MetricsText::histogram(std::string_view name, std::string_view help) {
  impl_->begin(name, help, prometheus::MetricType::Histogram);
}

void MetricsText::sample(Labels labels, double value) {
  prometheus::ClientMetric& metric = impl_->add(std::move(labels));
  metric.counter.value = value;
  metric.gauge.value = value;
}

void MetricsText::sample_if_moved(Labels labels, std::uint64_t count) {
  if (count != 0) {
    sample(std::move(labels), static_cast<double>(count));
  }
}

void MetricsText::sample(Labels labels, const WrittenHistogram& value) {
  prometheus::ClientMetric& metric = impl_->add(std::move(labels));
  metric.histogram.sample_count = value.count;
  metric.histogram.sample_sum = value.sum;
  for (const auto& [bound, count] : value.buckets) {
    metric.histogram.bucket.push_back({count, bound});
  }
}

std::string MetricsText::text() const {
  return impl_->text();
}

}  // namespace meshdns::admin
