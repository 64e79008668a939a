// /inflight: what upstreams are being asked now, the oldest questions of each worker in front.
#include <boost/json/array.hpp>

#include "dns/inspect/pages.hpp"
#include "dns/inspect/request.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::inspect {
namespace {

namespace json = boost::json;

constexpr std::size_t kShown = 100;  // questions of each worker

json::object question_json(const forward::QuestionInFlight& question, std::size_t worker) {
  json::array waiting;
  for (const SocketAddress& address : question.waiting) {
    waiting.emplace_back(address.to_string());
  }
  return {{"name", wire::name_text(question.name.wire())},
          {"type", wire::type_text(question.type)},
          {"class", wire::class_text(question.qclass)},
          {"ageMs", question.age.count()},
          {"askers", question.askers},
          {"directive", question.is_alternate ? "alternate" : "forward"},
          {"waitingFor", std::move(waiting)},
          {"worker", worker}};
}

}  // namespace

admin::HttpResponse in_flight_page(const Inspector& inspector, const admin::HttpRequest& request) {
  if (const auto checked = check_parameters(request, {}); !checked) {
    return bad_request(checked.error());
  }
  const auto workers = inspector.in_flight(kShown);
  if (!workers) {
    return unavailable(workers.error());
  }
  std::size_t in_flight = 0;
  std::size_t waiting = 0;
  json::array questions;
  for (std::size_t w = 0; w < workers->size(); ++w) {
    const WorkerInFlight& worker = (*workers)[w];
    in_flight += worker.in_flight;
    waiting += worker.waiting;
    for (const forward::QuestionInFlight& question : worker.oldest) {
      questions.push_back(question_json(question, w));
    }
  }
  return json_response(json::object{
      {"inFlight", in_flight}, {"waitingForZone", waiting}, {"questions", std::move(questions)}});
}

}  // namespace meshdns::inspect
