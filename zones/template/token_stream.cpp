#include "zones/template/token_stream.hpp"

#include <utility>

#include "zones/template/go_template.hpp"
#include "zones/template/quote.hpp"

namespace meshdns::templates {

void fail(const Token& at, std::string what) {
  throw TemplateFault{at.offset, std::move(what)};
}

std::string describe(const Token& token) {
  switch (token.kind) {
    case Token::Kind::End:
      return "the end of the template";
    case Token::Kind::Text:
      return "text";
    case Token::Kind::Close:
      return "\"}}\"";
    default:
      return excerpt(token.text);
  }
}

const Token& TokenStream::take() {
  const Token& token = tokens_.front();
  if (tokens_.size() > 1) {
    tokens_ = tokens_.subspan(1);
  }
  return token;
}

bool TokenStream::is_word(std::string_view word) const {
  return peek().kind == Token::Kind::Word && peek().text == word;
}

}  // namespace meshdns::templates
