// HostFacts: what a plan depends on beside the operator's wishes.
#pragma once

namespace meshdns::redirect {

// What one family of iptables can do here.
struct IptablesFacts {
  bool usable = true;
  bool raw_table = true;
  bool mangle_table = true;
  bool conntrack = true;  // the modules that splitting zones needs
  bool comments = true;   // the module `comment`
  bool multiport = true;
  bool docker_output = false;  // Docker's chain for its resolver at 127.0.0.11 is there
};

struct HostFacts {
  IptablesFacts ipv4;
  IptablesFacts ipv6;
  bool ipv6_address = true;  // an interface other than lo has one
};

}  // namespace meshdns::redirect
