// Options: everything an operator can say to `meshdns-redirect install`, whatever way it was said.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <meshdns/redirect.hpp>

namespace meshdns::redirect {

struct Options {
  RedirectSpec spec;  // complete but for exempt_uid and dns.resolvers, which the host must be asked for
  std::string user;   // name or UID; empty: find it out
  std::string resolv_conf = "/etc/resolv.conf";

  bool dry_run = false;
  bool verbose = false;

  // iptables
  std::map<std::string, std::string> executables;  // `iptables`, `ip6tables-save`, ... to a path
  unsigned lock_wait_seconds = 5;
  unsigned lock_wait_interval_us = 0;
  unsigned max_retries = 4;
  std::chrono::milliseconds sleep_between_retries{2000};

  bool store_firewalld = false;
  std::string firewalld_folder = "/etc/firewalld";
  std::string state_folder = "/run/meshdns-redirect";

  bool ebpf = false;
  bool dns_by_flag = false;      // --redirect-dns and its sister were said on the command line, where
  bool all_dns_by_flag = false;  // they exclude each other

  std::vector<std::string> warnings;
};

}  // namespace meshdns::redirect
