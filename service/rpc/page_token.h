// Page tokens: where a list goes on, in a text that means nothing to callers. A token belongs to
// the query it was given for, the page's size aside; with another one, or damaged, it is refused.
//
//   PageTokens tokens(request);                                  // any List…Request
//   std::optional<std::string> after = tokens.Read(request.page_token());
//   response.set_next_page_token(tokens.Make(cursor));
//
// A token is the base64url of: a version, 8 bytes of the SHA-256 of query and position, and the
// position. The hash finds mistakes; it does not keep a secret: a position is never trusted beyond
// what the caller may see anyway.

#ifndef OWO_SERVICE_RPC_PAGE_TOKEN_H_
#define OWO_SERVICE_RPC_PAGE_TOKEN_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

#include "service/rpc/fingerprint.h"

namespace owo::rpc {

class PageTokens {
 public:
  template <typename Request>
  explicit PageTokens(Request request) {
    request.clear_page_size();
    request.clear_page_token();
    query_ = Fingerprint(request);
  }

  // "" for the last page.
  std::string Make(std::string_view cursor) const;
  // The position in a token of this query; nothing if it is none. "" for no token.
  std::optional<std::string> Read(const std::string& token) const;

 private:
  std::string Checksum(std::string_view cursor) const;

  std::string query_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_PAGE_TOKEN_H_
