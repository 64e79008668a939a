// MetricsText: metrics as Prometheus reads them. The only door to prometheus-cpp.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meshdns::admin {

using Labels = std::vector<std::pair<std::string, std::string>>;
Labels with(Labels labels, std::initializer_list<std::pair<std::string_view, std::string_view>> more);

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

// What was observed, ready to be written: how many observations were not above each bound.
struct WrittenHistogram {
  std::vector<std::pair<double, std::uint64_t>> buckets;  // bound, cumulative count; +Inf is left out
  std::uint64_t count = 0;
  double sum = 0;
};

class MetricsText {
 public:
  MetricsText();
  ~MetricsText();
  MetricsText(const MetricsText&) = delete;
  MetricsText& operator=(const MetricsText&) = delete;

  // Begins a metric; the samples that follow are its. Its name must not have been used before.
  void counter(std::string_view name, std::string_view help);
  void gauge(std::string_view name, std::string_view help);
  void histogram(std::string_view name, std::string_view help);

  void sample(Labels labels, double value);
  // Of a counter with labels, or of one of many: none until it moves, as CoreDNS does it.
  void sample_if_moved(Labels labels, std::uint64_t count);
  void sample(Labels labels, const WrittenHistogram& value);

  std::string text() const;  // metrics without samples are left out

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace meshdns::admin
