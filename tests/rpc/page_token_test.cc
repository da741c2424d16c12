#include "service/rpc/page_token.h"

#include <gmock/gmock.h>

#include "owo/billing/v1/billing.pb.h"
#include "owo/billing/v1/metering.pb.h"

namespace owo::rpc {
namespace {

owo::billing::v1::ListInvoicesRequest Query(const std::string& customer) {
  owo::billing::v1::ListInvoicesRequest request;
  request.set_customer(customer);
  return request;
}

TEST(PageTokenTest, GivesBackAnyPosition) {
  const PageTokens tokens(Query("ada"), storage::kDefaultTenant);
  for (const std::string& cursor :
       {std::string("x"), std::string("\0\xff\n\0", 4), std::string(500, 'y')}) {
    EXPECT_EQ(tokens.Read(tokens.Make(cursor)), cursor);
  }
}

TEST(PageTokenTest, TheLastPageHasNoToken) {
  const PageTokens tokens(Query("ada"), storage::kDefaultTenant);
  EXPECT_EQ(tokens.Make(""), "");
  EXPECT_EQ(tokens.Read(""), "");
}

TEST(PageTokenTest, FitsUrlsAndJson) {
  const std::string token =
      PageTokens(Query("ada"), storage::kDefaultTenant).Make("\xff\xfe\xfd\xfc?>~");
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789-_"),
            std::string::npos)
      << token;
}

TEST(PageTokenTest, SizeAndTokenAreNotPartOfTheQuery) {
  auto second = Query("ada");
  second.set_page_size(7);
  second.set_page_token(PageTokens(Query("ada"), storage::kDefaultTenant).Make("there"));
  EXPECT_EQ(PageTokens(second, storage::kDefaultTenant).Read(second.page_token()), "there");
}

TEST(PageTokenTest, ATokenOfAnotherQueryIsRefused) {
  const std::string token = PageTokens(Query("ada"), storage::kDefaultTenant).Make("there");
  EXPECT_EQ(PageTokens(Query("bob"), storage::kDefaultTenant).Read(token), std::nullopt);
  EXPECT_EQ(PageTokens(Query("ada"), storage::TenantId{2}).Read(token), std::nullopt);
  auto filtered = Query("ada");
  filtered.set_status(owo::billing::v1::INVOICE_STATUS_PAID);
  EXPECT_EQ(PageTokens(filtered, storage::kDefaultTenant).Read(token), std::nullopt);
  // The request of another list, with the same fields and numbers.
  owo::billing::v1::ListUsageRequest usage;
  usage.set_customer("ada");
  EXPECT_EQ(PageTokens(usage, storage::kDefaultTenant).Read(token), std::nullopt);
}

TEST(PageTokenTest, EveryDamagedTokenIsRefused) {
  const PageTokens tokens(Query("ada"), storage::kDefaultTenant);
  const std::string token = tokens.Make("there");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string damaged = token;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    // The last character may have unused bits.
    if (i + 1 < token.size()) {
      EXPECT_EQ(tokens.Read(damaged), std::nullopt) << i;
    }
    EXPECT_EQ(tokens.Read(token.substr(0, i)).value_or(""), "") << i;
  }
  EXPECT_EQ(tokens.Read("!"), std::nullopt);
  EXPECT_EQ(tokens.Read(std::string(100'000, 'A')), std::nullopt);
}

}  // namespace
}  // namespace owo::rpc
