#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cpp/internal/wire.h"
#include "tests/client/proto_text.h"

namespace owo {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using testing::FromText;
using ::testing::IsEmpty;
using testing::UnsetFields;

TEST(WireAdminTest, ChangesOfTenantsSayEverything) {
  const auto create = ToWire(CreateTenantParams{
      .slug = "acme", .name = "Acme", .mode = TenantMode::kTest, .request_id = "r"});
  EXPECT_THAT(UnsetFields(create), IsEmpty());
  EXPECT_THAT(create,
              EqualsProto("slug: 'acme' name: 'Acme' mode: TENANT_MODE_TEST request_id: 'r'"));
  const auto update =
      ToWire(UpdateTenantParams{.tenant = "acme", .name = "Acme", .request_id = "r"});
  EXPECT_THAT(UnsetFields(update), IsEmpty());
  EXPECT_THAT(update, EqualsProto("tenant: 'acme' name: 'Acme' request_id: 'r'"));
  const auto suspend = ToWire(SuspendTenantParams{.tenant = "acme", .request_id = "r"});
  EXPECT_THAT(UnsetFields(suspend), IsEmpty());
  EXPECT_THAT(suspend, EqualsProto("tenant: 'acme' request_id: 'r'"));
  const auto resume = ToWire(ResumeTenantParams{.tenant = "acme", .request_id = "r"});
  EXPECT_THAT(UnsetFields(resume), IsEmpty());
  EXPECT_THAT(resume, EqualsProto("tenant: 'acme' request_id: 'r'"));
  EXPECT_THAT(ToWire(GetTenantParams{.tenant = "acme"}), EqualsProto("tenant: 'acme'"));
}

TEST(WireAdminTest, ChangesOfKeysSayEverything) {
  const auto create = ToWire(CreateApiKeyParams{.tenant = "acme",
                                                .label = "ci",
                                                .scopes = {Scope::kTrack, Scope::kAdmin},
                                                .expires_at = absl::FromUnixSeconds(7),
                                                .request_id = "r"});
  EXPECT_THAT(UnsetFields(create), IsEmpty());
  EXPECT_THAT(create, EqualsProto("tenant: 'acme' label: 'ci' scopes: SCOPE_TRACK scopes: "
                                  "SCOPE_ADMIN expires_at { seconds: 7 } request_id: 'r'"));
  EXPECT_FALSE(ToWire(CreateApiKeyParams{}).has_expires_at());
  const auto revoke =
      ToWire(RevokeApiKeyParams{.tenant = "acme", .key_id = "k", .request_id = "r"});
  EXPECT_THAT(UnsetFields(revoke), IsEmpty());
  EXPECT_THAT(revoke, EqualsProto("tenant: 'acme' key_id: 'k' request_id: 'r'"));
  const auto rotate = ToWire(RotateApiKeyParams{
      .tenant = "acme", .key_id = "k", .overlap = absl::Milliseconds(1500), .request_id = "r"});
  EXPECT_THAT(UnsetFields(rotate), IsEmpty());
  EXPECT_THAT(rotate, EqualsProto("tenant: 'acme' key_id: 'k' overlap { seconds: 1 nanos: "
                                  "500000000 } request_id: 'r'"));
  EXPECT_FALSE(ToWire(RotateApiKeyParams{}).has_overlap());
  EXPECT_TRUE(ToWire(RotateApiKeyParams{.overlap = absl::ZeroDuration()}).has_overlap());
  const auto list = ToWire(ListApiKeysParams{.tenant = "acme"});
  EXPECT_THAT(UnsetFields(list), ElementsAre("page_size", "page_token"));
}

TEST(WireAdminTest, TenantsAreReadWhole) {
  const auto tenant = FromText<v1::Tenant>(R"(
      slug: 'acme' name: 'Acme' mode: TENANT_MODE_LIVE status: TENANT_STATUS_SUSPENDED
      created_at { seconds: 1 } updated_at { seconds: 2 })");
  EXPECT_THAT(UnsetFields(tenant), IsEmpty());
  EXPECT_EQ(FromWire(tenant), (Tenant{.slug = "acme",
                                      .name = "Acme",
                                      .mode = TenantMode::kLive,
                                      .status = TenantStatus::kSuspended,
                                      .created_at = absl::FromUnixSeconds(1),
                                      .updated_at = absl::FromUnixSeconds(2)}));
  EXPECT_EQ(FromWire(v1::Tenant()).created_at, std::nullopt);
}

TEST(WireAdminTest, KeysAreReadWhole) {
  const auto key = FromText<v1::ApiKey>(R"(
      key_id: 'k' tenant: 'acme' label: 'ci' scopes: SCOPE_READ scopes: SCOPE_TRACK
      status: API_KEY_STATUS_EXPIRED created_at { seconds: 1 } expires_at { seconds: 2 }
      revoked_at { seconds: 3 } last_used_at { seconds: 4 })");
  EXPECT_THAT(UnsetFields(key), IsEmpty());
  const ApiKey read{.key_id = "k",
                    .tenant = "acme",
                    .label = "ci",
                    .scopes = {Scope::kRead, Scope::kTrack},
                    .status = ApiKeyStatus::kExpired,
                    .created_at = absl::FromUnixSeconds(1),
                    .expires_at = absl::FromUnixSeconds(2),
                    .revoked_at = absl::FromUnixSeconds(3),
                    .last_used_at = absl::FromUnixSeconds(4)};
  EXPECT_EQ(FromWire(key), read);
  EXPECT_EQ(FromWire(v1::ApiKey()).expires_at, std::nullopt);

  v1::CreateApiKeyResponse created;
  *created.mutable_api_key() = key;
  created.set_text("owo_sk_live_x");
  created.set_replayed(true);
  EXPECT_THAT(UnsetFields(created), IsEmpty());
  EXPECT_EQ(FromWire(created),
            (NewApiKey{.api_key = read, .text = "owo_sk_live_x", .replayed = true}));

  v1::RotateApiKeyResponse rotated;
  *rotated.mutable_api_key() = key;
  *rotated.mutable_replaced() = key;
  rotated.set_text("owo_sk_live_x");
  rotated.set_replayed(true);
  EXPECT_THAT(UnsetFields(rotated), IsEmpty());
  EXPECT_EQ(
      FromWire(rotated),
      (NewApiKey{.api_key = read, .text = "owo_sk_live_x", .replaced = read, .replayed = true}));
  EXPECT_EQ(FromWire(v1::RotateApiKeyResponse()).replaced, std::nullopt);
}

}  // namespace
}  // namespace owo
