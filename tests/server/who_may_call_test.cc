// Who may call which RPC, over the network: every RPC with every kind of key.

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "owo/billing/v1/admin.pb.h"
#include "service/access/key_text.h"
#include "service/rpc/health.h"
#include "tests/client/proto_text.h"
#include "tests/support/api_call.h"
#include "tests/support/server.h"

namespace owo::service {
namespace {

namespace pb = ::owo::billing::v1;
using ::testing::AnyOf;
using ::testing::Contains;
using testing::FromText;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using Code = grpc::StatusCode;

constexpr char kOperatorKey[] = "operator-key-0123456789-abcdefghij";

// Which scope each RPC needs, and whether a suspended tenant may call it. A new RPC is added here,
// after a thought.
struct Rpc {
  std::string name;
  std::string scopes;
  bool read_only = false;
};

std::vector<Rpc> Rpcs() {
  std::vector<Rpc> rpcs;
  for (const auto& [service, reads, writes] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"Billing", "Usage:read ListInvoices:read GetInvoice:read ListInvoiceEvents:read",
            "Invoice:billing FinalizeInvoice:billing PayInvoice:billing VoidInvoice:billing"},
           {"Catalog", "ListFeatures:read ListPlans:read GetPlan:read", "SyncCatalog:admin"},
           {"Customers", "GetCustomer:read ListCustomers:read ListSubscriptions:read",
            "CreateCustomer:billing UpdateCustomer:billing Subscribe:billing "
            "CancelSubscription:billing ResumeSubscription:billing"},
           {"Metering", "ListUsage:read ListEvents:read",
            "Track:track TrackBatch:track Check:track"},
           {"Admin", "GetTenant:read,operator ListTenants:operator ListApiKeys:admin,operator",
            "CreateTenant:operator UpdateTenant:operator SuspendTenant:operator "
            "ResumeTenant:operator CreateApiKey:admin,operator RevokeApiKey:admin,operator "
            "RotateApiKey:admin,operator"}}) {
    for (const auto& [list, read_only] : {std::pair(reads, true), {writes, false}}) {
      for (const absl::string_view item : absl::StrSplit(list, ' ')) {
        const std::vector<std::string> parts = absl::StrSplit(item, ':');
        rpcs.push_back({absl::StrCat(service, "/", parts[0]), parts[1], read_only});
      }
    }
  }
  return rpcs;
}

bool Has(const std::string& scopes, const std::string& scope) {
  const std::vector<std::string> all = absl::StrSplit(scopes, ',');
  return std::find(all.begin(), all.end(), scope) != all.end();
}

std::string ScopeName(pb::Scope scope) {
  return absl::AsciiStrToLower(pb::Scope_Name(scope).substr(std::string("SCOPE_").size()));
}

// A key that there is not.
std::string UnknownKey() {
  std::array<uint8_t, access::kKeyRandomBytes> random{};
  EXPECT_TRUE(access::KernelRandom(random).ok());
  return access::MakeKeyText(access::KeyMode::kLive, random);
}

// ---- The table, the descriptors and the comments say the same.

class DescriptorTest : public ::testing::Test {
 protected:
  DescriptorTest() {
    google::protobuf::FileDescriptorSet files;
    std::ifstream in(OWO_DESCRIPTOR_SET, std::ios::binary);
    EXPECT_TRUE(files.ParseFromIstream(&in)) << OWO_DESCRIPTOR_SET;
    for (const auto& file : files.file()) {
      const auto* const built = pool_.BuildFile(file);
      for (int i = 0; i < built->service_count(); ++i) {
        if (built->package() == "owo.billing.v1") services_.push_back(built->service(i));
      }
    }
  }

  google::protobuf::DescriptorPool pool_;
  std::vector<const google::protobuf::ServiceDescriptor*> services_;
};

TEST_F(DescriptorTest, EachRpcNeedsAScopeAndItsCommentNamesIt) {
  std::set<std::string> seen;
  for (const auto* const service : services_) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& described = *service->method(i);
      const auto& rpc = *google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
          described.full_name());
      const std::string name = absl::StrCat(service->name(), "/", rpc.name());
      std::vector<std::string> scopes;
      for (int j = 0; j < rpc.options().ExtensionSize(pb::scope); ++j) {
        scopes.push_back(ScopeName(rpc.options().GetExtension(pb::scope, j)));
      }
      EXPECT_FALSE(scopes.empty()) << name << " would be refused to everybody";
      google::protobuf::SourceLocation location;
      ASSERT_TRUE(described.GetSourceLocation(&location));
      EXPECT_THAT(
          location.leading_comments,
          HasSubstr(absl::StrCat(" Needs the scope `", absl::StrJoin(scopes, "` or `"), "`.\n")))
          << name;
      seen.insert(absl::StrCat(name, " ", absl::StrJoin(scopes, ","), " ",
                               rpc.options().GetExtension(pb::read_only)));
    }
  }
  std::set<std::string> wanted;
  for (const Rpc& rpc : Rpcs()) {
    wanted.insert(absl::StrCat(rpc.name, " ", rpc.scopes, " ", rpc.read_only));
  }
  EXPECT_EQ(seen, wanted);
}

// ---- Every RPC with every kind of key.

class WhoMayCallTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* const slug : {"acme", "halted"}) {
      pb::CreateTenantRequest request;
      request.set_slug(slug);
      MustCallApi<pb::CreateTenantResponse>(channel_, "Admin/CreateTenant", request, Operator());
    }
  }

  static ServerOptions Options(std::atomic<storage::Micros>& now) {
    ServerOptions options;
    options.require_keys = true;
    options.operator_key = kOperatorKey;
    options.clock = [&now] { return now.load(); };
    return options;
  }
  static std::string Operator() { return absl::StrCat("Bearer ", kOperatorKey); }

  pb::CreateApiKeyResponse NewKey(const std::string& tenant, const std::string& scopes,
                                  absl::Duration life = absl::ZeroDuration()) {
    pb::CreateApiKeyRequest request;
    request.set_tenant(tenant);
    for (const absl::string_view scope : absl::StrSplit(scopes, ',')) {
      pb::Scope value{};
      EXPECT_TRUE(pb::Scope_Parse(absl::StrCat("SCOPE_", absl::AsciiStrToUpper(scope)), &value));
      request.add_scopes(value);
    }
    if (life > absl::ZeroDuration()) {
      request.mutable_expires_at()->set_seconds(now_ / 1'000'000 + absl::ToInt64Seconds(life));
    }
    return MustCallApi<pb::CreateApiKeyResponse>(channel_, "Admin/CreateApiKey", request,
                                                 Operator());
  }
  std::string KeyWith(const std::string& scopes, const std::string& tenant = "acme") {
    return "Bearer " + NewKey(tenant, scopes).text();
  }
  void Revoke(const std::string& tenant, const std::string& id) {
    pb::RevokeApiKeyRequest request;
    request.set_tenant(tenant);
    request.set_key_id(id);
    MustCallApi<pb::RevokeApiKeyResponse>(channel_, "Admin/RevokeApiKey", request, Operator());
  }
  // The answer to an empty request, which most RPCs refuse as malformed once the caller may call.
  ApiAnswer Ask(const Rpc& rpc, const std::string& authorization) {
    return CallApi(channel_, rpc.name, pb::GetTenantRequest(), authorization);
  }
  void ExpectRefused(const Rpc& rpc, const std::string& authorization, Code code,
                     const std::string& reason) {
    const ApiAnswer answer = Ask(rpc, authorization);
    EXPECT_EQ(answer.code, code) << rpc.name << ": " << answer.message;
    EXPECT_EQ(answer.reason, reason) << rpc.name;
    last_ = answer.metadata;
  }
  void ExpectAllowed(const Rpc& rpc, const std::string& authorization) {
    const ApiAnswer answer = Ask(rpc, authorization);
    EXPECT_TRUE(answer.code == Code::OK || answer.reason == "INVALID_REQUEST")
        << rpc.name << ": " << answer.reason << ": " << answer.message;
  }

  std::atomic<storage::Micros> now_ = 1'794'744'000'000'000;
  InProcessServer server_{Options(now_)};
  const std::shared_ptr<grpc::Channel> channel_ = server_.NewChannel();
  std::map<std::string, std::string> last_;  // metadata of the last refusal
};

constexpr char kEvery[] = "track,read,billing,admin";

TEST_F(WhoMayCallTest, EveryRpcWithoutAKeyOrWithOneThatIsNone) {
  std::string mistyped = UnknownKey();
  mistyped[30] = mistyped[30] == 'a' ? 'b' : 'a';
  for (const Rpc& rpc : Rpcs()) {
    ExpectRefused(rpc, "", Code::UNAUTHENTICATED, "KEY_MISSING");
    EXPECT_THAT(last_, IsEmpty());
    ExpectRefused(rpc, "Bearer " + mistyped, Code::UNAUTHENTICATED, "KEY_MALFORMED");
    EXPECT_THAT(last_, IsEmpty());
    ExpectRefused(rpc, "Bearer " + UnknownKey(), Code::UNAUTHENTICATED, "KEY_UNKNOWN");
    EXPECT_THAT(last_, IsEmpty());
  }
}

TEST_F(WhoMayCallTest, EveryRpcWithAKeyThatHasEnded) {
  const auto revoked = NewKey("acme", kEvery);
  const auto expired = NewKey("acme", kEvery, absl::Hours(1));
  Revoke("acme", revoked.api_key().key_id());
  now_ += absl::ToInt64Microseconds(absl::Hours(1));
  for (const Rpc& rpc : Rpcs()) {
    ExpectRefused(rpc, "Bearer " + revoked.text(), Code::UNAUTHENTICATED, "KEY_REVOKED");
    EXPECT_THAT(last_, Contains(Pair("key_id", revoked.api_key().key_id())));
    ExpectRefused(rpc, "Bearer " + expired.text(), Code::UNAUTHENTICATED, "KEY_EXPIRED");
    EXPECT_THAT(last_, Contains(Pair("key_id", expired.api_key().key_id())));
  }
}

TEST_F(WhoMayCallTest, EveryRpcWithTheRightScopeAndWithAllOthers) {
  const std::vector<std::string> scopes = absl::StrSplit(kEvery, ',');
  std::map<std::string, std::string> alone;   // by scope: a key with only that one
  std::map<std::string, std::string> others;  // a key with all but that one
  for (const std::string& scope : scopes) {
    alone[scope] = KeyWith(scope);
    std::vector<std::string> rest;
    for (const std::string& other : scopes) {
      if (other != scope) rest.push_back(other);
    }
    others[scope] = KeyWith(absl::StrJoin(rest, ","));
  }
  for (const Rpc& rpc : Rpcs()) {
    for (const std::string& scope : scopes) {
      if (Has(rpc.scopes, scope)) {
        ExpectAllowed(rpc, alone[scope]);
        ExpectRefused(rpc, others[scope], Code::PERMISSION_DENIED, "SCOPE_MISSING");
      } else {
        ExpectRefused(rpc, alone[scope], Code::PERMISSION_DENIED, "SCOPE_MISSING");
      }
      EXPECT_THAT(last_, Contains(Pair("scope", rpc.scopes)));
    }
    if (Has(rpc.scopes, "operator")) {
      ExpectAllowed(rpc, Operator());
    } else {
      ExpectRefused(rpc, Operator(), Code::PERMISSION_DENIED, "SCOPE_MISSING");
    }
  }
}

TEST_F(WhoMayCallTest, EveryRpcOfASuspendedTenantAndAfterItIsResumed) {
  const std::string key = KeyWith(kEvery, "halted");
  const auto set = [&](const std::string& rpc) {
    pb::SuspendTenantRequest request;
    request.set_tenant("halted");
    MustCallApi<pb::SuspendTenantResponse>(channel_, rpc, request, Operator());
  };
  set("Admin/SuspendTenant");
  for (const Rpc& rpc : Rpcs()) {
    if (rpc.scopes == "operator") continue;
    if (rpc.read_only) {
      ExpectAllowed(rpc, key);
    } else {
      ExpectRefused(rpc, key, Code::FAILED_PRECONDITION, "TENANT_SUSPENDED");
      EXPECT_THAT(last_, Contains(Pair("tenant", "halted")));
    }
  }
  set("Admin/ResumeTenant");
  for (const Rpc& rpc : Rpcs()) {
    if (rpc.scopes != "operator") ExpectAllowed(rpc, key);
  }
}

// ---- Keys over time.

TEST_F(WhoMayCallTest, ARevocationHoldsForTheNextCallOnAnOpenConnection) {
  const auto key = NewKey("acme", "read");
  const std::shared_ptr<grpc::Channel> open = server_.NewChannel();
  const std::string bearer = "Bearer " + key.text();
  for (int i = 0; i < 3; ++i) {
    ExpectOk(CallApi(open, "Customers/ListCustomers", pb::ListTenantsRequest(), bearer), "before");
  }
  Revoke("acme", key.api_key().key_id());
  EXPECT_EQ(CallApi(open, "Customers/ListCustomers", pb::ListTenantsRequest(), bearer).reason,
            "KEY_REVOKED");
}

TEST_F(WhoMayCallTest, ARotatedKeyIsValidForTheStatedTime) {
  const auto old = NewKey("acme", "read");
  pb::RotateApiKeyRequest request;
  request.set_tenant("acme");
  request.set_key_id(old.api_key().key_id());
  request.mutable_overlap()->set_seconds(3600);
  const auto rotated =
      MustCallApi<pb::RotateApiKeyResponse>(channel_, "Admin/RotateApiKey", request, Operator());
  const Rpc read{"Customers/ListCustomers", "read", true};
  ExpectAllowed(read, "Bearer " + old.text());
  ExpectAllowed(read, "Bearer " + rotated.text());
  now_ += absl::ToInt64Microseconds(absl::Hours(1));
  ExpectRefused(read, "Bearer " + old.text(), Code::UNAUTHENTICATED, "KEY_EXPIRED");
  ExpectAllowed(read, "Bearer " + rotated.text());
}

TEST_F(WhoMayCallTest, KeysTenantsAndTheirLastUseSurviveARestart) {
  const auto key = NewKey("acme", "read,admin");
  now_ += 1'000'000;
  const auto revoked = NewKey("acme", "read");
  Revoke("acme", revoked.api_key().key_id());
  const Rpc read{"Customers/ListCustomers", "read", true};
  now_ += 5'000'000;
  ExpectAllowed(read, "Bearer " + key.text());
  server_.Restart();
  const auto channel = server_.NewChannel();
  const auto listed = MustCallApi<pb::ListApiKeysResponse>(
      channel, "Admin/ListApiKeys", pb::ListApiKeysRequest(), "Bearer " + key.text());
  ASSERT_EQ(listed.api_keys_size(), 2);
  EXPECT_EQ(listed.api_keys(0).key_id(), key.api_key().key_id());
  EXPECT_EQ(listed.api_keys(0).tenant(), "acme");
  EXPECT_EQ(listed.api_keys(0).last_used_at().seconds(), now_ / 1'000'000);
  EXPECT_EQ(listed.api_keys(1).status(), pb::API_KEY_STATUS_REVOKED);
  EXPECT_FALSE(listed.api_keys(1).has_last_used_at());
  EXPECT_EQ(CallApi(channel, read.name, pb::GetTenantRequest(), "Bearer " + revoked.text()).reason,
            "KEY_REVOKED");
}

// ---- What needs no RPC of the API.

TEST_F(WhoMayCallTest, HealthNeedsNoKey) {
  EXPECT_TRUE(rpc::CheckHealth(server_.address(), absl::Seconds(10)).ok());
  EXPECT_TRUE(
      rpc::CheckHealth(server_.address(), absl::Seconds(10), "owo.billing.v1.Billing").ok());
}

grpc::Status Reflect(const std::shared_ptr<grpc::Channel>& channel, const std::string& bearer) {
  namespace reflection = grpc::reflection::v1;
  const auto stub = reflection::ServerReflection::NewStub(channel);
  grpc::ClientContext context;
  if (!bearer.empty()) context.AddMetadata("authorization", bearer);
  const auto stream = stub->ServerReflectionInfo(&context);
  reflection::ServerReflectionRequest request;
  request.set_list_services("*");
  stream->Write(request);
  stream->WritesDone();
  reflection::ServerReflectionResponse response;
  while (stream->Read(&response)) {
  }
  return stream->Finish();
}

TEST_F(WhoMayCallTest, ReflectionNeedsAnyValidKey) {
  EXPECT_EQ(Reflect(channel_, "").error_code(), Code::UNAUTHENTICATED);
  EXPECT_EQ(Reflect(channel_, "Bearer " + UnknownKey()).error_code(), Code::UNAUTHENTICATED);
  EXPECT_TRUE(Reflect(channel_, KeyWith("track")).ok());
  EXPECT_TRUE(Reflect(channel_, Operator()).ok());
  ServerOptions options = Options(now_);
  options.allow_anonymous_reflection = true;
  const InProcessServer open(options);
  EXPECT_TRUE(Reflect(open.NewChannel(), "").ok());
}

TEST_F(WhoMayCallTest, WithoutRequiredKeysOneCompanyNeedsNone) {
  const InProcessServer open;
  const auto channel = open.NewChannel();
  for (const Rpc& rpc : Rpcs()) {
    const ApiAnswer answer = CallApi(channel, rpc.name, pb::GetTenantRequest(), "");
    if (rpc.scopes == "operator") {
      EXPECT_EQ(answer.reason, "SCOPE_MISSING") << rpc.name;
    } else {
      EXPECT_TRUE(answer.code == Code::OK || answer.reason == "INVALID_REQUEST") << rpc.name;
    }
  }
}

}  // namespace
}  // namespace owo::service
