// Answered: who made the response that is being returned or delivered, for whoever sees it on its way out.
#pragma once

#include <meshdns/traffic_status.hpp>

namespace meshdns::server {

struct Answered {
  AnsweredBy by = AnsweredBy::Server;
  bool asked_upstream = false;
  bool has_failed = false;  // no upstream had a usable reply
};

}  // namespace meshdns::server
