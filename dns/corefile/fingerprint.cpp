// OpenSSL 3's own interface would set up the whole library for it: 2 MiB of memory for one hash.
#define OPENSSL_API_COMPAT 10100
#include "dns/corefile/fingerprint.hpp"

#include <array>

#include <fmt/format.h>
#include <openssl/sha.h>

namespace meshdns::corefile {
namespace {

void append(std::string& text, const std::vector<Token>& words) {
  for (const Token& word : words) {
    text += fmt::format("{}:{} {}:{}\n", word.source->name, word.line, word.text.size(), word.text);
  }
}

void append(std::string& text, const std::vector<Statement>& statements) {
  text += "{\n";
  for (const Statement& statement : statements) {
    append(text, statement.words);
    append(text, statement.block);
  }
  text += "}\n";
}

}  // namespace

std::string fingerprint(const ParsedFile& file) {
  std::string text;
  for (const ServerBlock& block : file.blocks) {
    append(text, block.keys);
    append(text, block.directives);
  }
  std::array<unsigned char, SHA512_DIGEST_LENGTH> digest;
  SHA512_CTX context;
  SHA512_Init(&context);
  SHA512_Update(&context, text.data(), text.size());
  SHA512_Final(digest.data(), &context);
  std::string hex;
  for (const unsigned char octet : digest) {
    hex += fmt::format("{:02x}", octet);
  }
  return hex;
}

}  // namespace meshdns::corefile
