// The shapes of messages about a Corefile. They are CoreDNS's, because people and scripts know them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/corefile/lexer.hpp"

namespace meshdns::corefile {

inline OptionLocation location_of(const Token& token) {
  return {token.source->name, token.line};
}

// A message is one line whatever a quoted word contains.
inline std::unexpected<Error> config_error(std::string what) {
  for (char& octet : what) {
    octet = static_cast<unsigned char>(octet) < 0x20 ? '?' : octet;
  }
  return fail(Errc::InvalidConfig, std::move(what));
}

inline std::unexpected<Error> parse_error(const Token& token, std::string_view what) {
  return config_error(token.source->name + ":" + std::to_string(token.line) +
                      " - Error during parsing: " + std::string(what));
}

inline std::unexpected<Error> syntax_error(const Token& token, std::string_view expecting) {
  return config_error(token.source->name + ":" + std::to_string(token.line) +
                      " - Syntax error: Unexpected token '" + token.text + "', expecting " +
                      std::string(expecting));
}

inline std::unexpected<Error> argument_error(const Token& last_word) {
  return parse_error(last_word,
                     "Wrong argument count or unexpected line ending after '" + last_word.text + "'");
}

}  // namespace meshdns::corefile
