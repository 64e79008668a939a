// read_rewrite_rule(): the words of a `rewrite` directive.
#pragma once

#include <span>

#include <meshdns/result.hpp>
#include <meshdns/rewriting_options.hpp>

#include "dns/corefile/lexer.hpp"

namespace meshdns::corefile {

// `[continue|stop] name|type|class|ttl|rcode ...`, without the name of the directive. Errors are in CoreDNS's
// words and name no place.
Result<RewriteOptions> read_rewrite_rule(std::span<const Token> words);

}  // namespace meshdns::corefile
