// Page tokens: opaque texts that say where a list continues. A token is valid only for the tenant
// and the query that it was made for; the page size may change. A damaged token, or one of another
// query or tenant, is refused.
//
//   PageTokens tokens(request, context.tenant);                  // any List…Request
//   std::optional<std::string> after = tokens.Read(request.page_token());
//   response.set_next_page_token(tokens.Make(cursor));
//
// A token is the base64url of: a version, 8 bytes of the SHA-256 of tenant, query and cursor, and
// the cursor. The hash detects mistakes and keeps no secret, so a cursor is never trusted beyond
// what the caller may see anyway.

#ifndef OWO_SERVICE_RPC_PAGE_TOKEN_H_
#define OWO_SERVICE_RPC_PAGE_TOKEN_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "service/rpc/fingerprint.h"

namespace owo::rpc {

class PageTokens {
 public:
  template <typename Request>
  PageTokens(Request request, storage::TenantId tenant) {
    request.clear_page_size();
    request.clear_page_token();
    query_ = absl::StrCat(static_cast<uint32_t>(tenant), ":", Fingerprint(request));
  }

  // Returns the token for `cursor`; "" for the last page.
  std::string Make(std::string_view cursor) const;
  // Returns the cursor in a token of this query; nullopt if it is not one, "" if there is no token.
  std::optional<std::string> Read(const std::string& token) const;

 private:
  std::string Checksum(std::string_view cursor) const;

  std::string query_;
};

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_PAGE_TOKEN_H_
