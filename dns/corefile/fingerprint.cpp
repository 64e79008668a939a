#include "dns/corefile/fingerprint.hpp"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

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
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha512(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += fmt::format("{:02x}", digest[i]);
  }
  return hex;
}

}  // namespace meshdns::corefile
