// The connection over gRPC: structs to messages and back, one channel, whole lists.

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/channel_arguments.h>

#include <functional>
#include <memory>
#include <utility>

#include "client/cpp/connection.h"
#include "client/cpp/internal/attempts.h"
#include "client/cpp/internal/caller.h"
#include "client/cpp/internal/wire.h"
#include "owo/billing/v1/admin.grpc.pb.h"
#include "owo/billing/v1/billing.grpc.pb.h"
#include "owo/billing/v1/catalog.grpc.pb.h"
#include "owo/billing/v1/customers.grpc.pb.h"
#include "owo/billing/v1/metering.grpc.pb.h"

namespace owo {
namespace {

using google::protobuf::RepeatedPtrField;
using BillingStub = v1::Billing::Stub;
using CatalogStub = v1::Catalog::Stub;
using AdminStub = v1::Admin::Stub;
using CustomersStub = v1::Customers::Stub;
using MeteringStub = v1::Metering::Stub;

// A page of invoices with many lines and tiers may exceed the 4 MiB that gRPC accepts by default.
constexpr int kAnswerBytesMax = 64 << 20;
constexpr int kPageSize = 100;
constexpr int kEventPageSize = 1000;

// How often the files of TLS are read.
constexpr unsigned kTlsPeriodSeconds = 10;

std::shared_ptr<grpc::ChannelCredentials> MakeCredentials(const TlsOptions& tls) {
  if (!tls.enabled) return grpc::InsecureChannelCredentials();
  grpc::experimental::TlsChannelCredentialsOptions options;
  // Caller refuses all calls if only one of the two is given; gRPC would abort.
  const bool has_pair = !tls.cert_file.empty() && !tls.key_file.empty();
  if (has_pair || !tls.ca_file.empty()) {
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
            has_pair ? tls.key_file : "", has_pair ? tls.cert_file : "", tls.ca_file,
            kTlsPeriodSeconds));
  }
  // Without a file, gRPC takes the CAs of the system.
  if (!tls.ca_file.empty()) options.watch_root_certs();
  if (has_pair) options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

std::shared_ptr<grpc::Channel> MakeChannel(const OwostackOptions& options) {
  grpc::ChannelArguments arguments;
  if (!options.tls.server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls.server_name);
  }
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  // While the channel waits to reconnect, attempts fail immediately, so the reconnect backoff must
  // not exceed the retry backoff.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return grpc::CreateCustomChannel(options.endpoint, MakeCredentials(options.tls), arguments);
}

class GrpcConnection final : public Connection {
 public:
  explicit GrpcConnection(const OwostackOptions& options)
      : caller_(options), channel_(MakeChannel(options)) {}

  absl::StatusOr<BillingUsageResult> Usage(const UsageParams& params) override {
    return Ask(billing_, &BillingStub::Usage, params);
  }
  absl::StatusOr<InvoiceResult> CreateInvoice(const InvoiceParams& params) override {
    return Ask(billing_, &BillingStub::Invoice, params);
  }
  absl::StatusOr<InvoicesResult> ListInvoices(const InvoicesParams& params) override {
    auto invoices = AskAll(billing_, &BillingStub::ListInvoices, ToWire(params),
                           &v1::ListInvoicesResponse::invoices);
    if (!invoices.ok()) return invoices.status();
    return InvoicesResult{.invoices = *std::move(invoices)};
  }
  absl::StatusOr<Invoice> GetInvoice(const GetInvoiceParams& params) override {
    return Ask(billing_, &BillingStub::GetInvoice, params, &v1::GetInvoiceResponse::invoice);
  }
  absl::StatusOr<Invoice> FinalizeInvoice(const FinalizeInvoiceParams& params) override {
    return Ask(billing_, &BillingStub::FinalizeInvoice, params,
               &v1::FinalizeInvoiceResponse::invoice);
  }
  absl::StatusOr<Invoice> PayInvoice(const PayInvoiceParams& params) override {
    return Ask(billing_, &BillingStub::PayInvoice, params, &v1::PayInvoiceResponse::invoice);
  }
  absl::StatusOr<Invoice> VoidInvoice(const VoidInvoiceParams& params) override {
    return Ask(billing_, &BillingStub::VoidInvoice, params, &v1::VoidInvoiceResponse::invoice);
  }
  absl::StatusOr<std::vector<RecordedEvent>> ListInvoiceEvents(
      const InvoiceEventsParams& params) override {
    return AskAll(billing_, &BillingStub::ListInvoiceEvents, ToWire(params),
                  &v1::ListInvoiceEventsResponse::events, kEventPageSize);
  }

  absl::StatusOr<TrackResult> Track(const TrackParams& params) override {
    return Ask(metering_, &MeteringStub::Track, params);
  }
  absl::StatusOr<TrackBatchResult> TrackBatch(const TrackBatchParams& params) override {
    return Ask(metering_, &MeteringStub::TrackBatch, params);
  }
  void StartTrackBatch(const TrackBatchParams& params,
                       std::function<void(absl::StatusOr<TrackBatchResult>)> done) override {
    attempts_.Start<v1::TrackBatchResponse>(
        [this](auto&&... arguments) { metering_.async()->TrackBatch(arguments...); },
        ToWire(params),
        [done = std::move(done)](const auto& response) {
          done(response.ok() ? absl::StatusOr<TrackBatchResult>(FromWire(*response))
                             : response.status());
        });
  }
  absl::StatusOr<CheckResult> Check(const CheckParams& params) override {
    return Ask(metering_, &MeteringStub::Check, params);
  }
  absl::StatusOr<std::vector<UsagePeriod>> ListUsage(const UsageHistoryParams& params) override {
    return AskAll(metering_, &MeteringStub::ListUsage, ToWire(params),
                  &v1::ListUsageResponse::periods);
  }
  absl::StatusOr<std::vector<RecordedEvent>> ListEvents(const EventsParams& params) override {
    return AskAll(metering_, &MeteringStub::ListEvents, ToWire(params),
                  &v1::ListEventsResponse::events, kEventPageSize);
  }

  absl::StatusOr<Customer> CreateCustomer(const CreateCustomerParams& params) override {
    return Ask(customers_, &CustomersStub::CreateCustomer, params,
               &v1::CreateCustomerResponse::customer);
  }
  absl::StatusOr<Customer> GetCustomer(const GetCustomerParams& params) override {
    return Ask(customers_, &CustomersStub::GetCustomer, params, &v1::GetCustomerResponse::customer);
  }
  absl::StatusOr<Customer> UpdateCustomer(const UpdateCustomerParams& params) override {
    return Ask(customers_, &CustomersStub::UpdateCustomer, params,
               &v1::UpdateCustomerResponse::customer);
  }
  absl::StatusOr<std::vector<Customer>> ListCustomers() override {
    return AskAll(customers_, &CustomersStub::ListCustomers, v1::ListCustomersRequest(),
                  &v1::ListCustomersResponse::customers);
  }
  absl::StatusOr<SubscribeResult> Subscribe(const SubscribeParams& params) override {
    return Ask(customers_, &CustomersStub::Subscribe, params);
  }
  absl::StatusOr<CancelSubscriptionResult> CancelSubscription(
      const CancelSubscriptionParams& params) override {
    return Ask(customers_, &CustomersStub::CancelSubscription, params);
  }
  absl::StatusOr<Subscription> ResumeSubscription(const ResumeSubscriptionParams& params) override {
    return Ask(customers_, &CustomersStub::ResumeSubscription, params,
               &v1::ResumeSubscriptionResponse::subscription);
  }
  absl::StatusOr<std::vector<Subscription>> ListSubscriptions(
      const ListSubscriptionsParams& params) override {
    return AskAll(customers_, &CustomersStub::ListSubscriptions, ToWire(params),
                  &v1::ListSubscriptionsResponse::subscriptions);
  }

  absl::StatusOr<CatalogSyncResult> SyncCatalog(const CatalogSyncParams& params) override {
    return Ask(catalog_, &CatalogStub::SyncCatalog, params);
  }
  absl::StatusOr<std::vector<Feature>> ListFeatures(const FeaturesParams& params) override {
    return AskAll(catalog_, &CatalogStub::ListFeatures, ToWire(params),
                  &v1::ListFeaturesResponse::features);
  }
  absl::StatusOr<std::vector<Plan>> ListPlans(const PlansParams& params) override {
    return AskAll(catalog_, &CatalogStub::ListPlans, ToWire(params), &v1::ListPlansResponse::plans);
  }
  absl::StatusOr<Plan> GetPlan(const PlanParams& params) override {
    return Ask(catalog_, &CatalogStub::GetPlan, params, &v1::GetPlanResponse::plan);
  }

  absl::StatusOr<Tenant> CreateTenant(const CreateTenantParams& params) override {
    return Ask(admin_, &AdminStub::CreateTenant, params, &v1::CreateTenantResponse::tenant);
  }
  absl::StatusOr<Tenant> GetTenant(const GetTenantParams& params) override {
    return Ask(admin_, &AdminStub::GetTenant, params, &v1::GetTenantResponse::tenant);
  }
  absl::StatusOr<Tenant> UpdateTenant(const UpdateTenantParams& params) override {
    return Ask(admin_, &AdminStub::UpdateTenant, params, &v1::UpdateTenantResponse::tenant);
  }
  absl::StatusOr<std::vector<Tenant>> ListTenants() override {
    return AskAll(admin_, &AdminStub::ListTenants, v1::ListTenantsRequest(),
                  &v1::ListTenantsResponse::tenants);
  }
  absl::StatusOr<Tenant> SuspendTenant(const SuspendTenantParams& params) override {
    return Ask(admin_, &AdminStub::SuspendTenant, params, &v1::SuspendTenantResponse::tenant);
  }
  absl::StatusOr<Tenant> ResumeTenant(const ResumeTenantParams& params) override {
    return Ask(admin_, &AdminStub::ResumeTenant, params, &v1::ResumeTenantResponse::tenant);
  }
  absl::StatusOr<NewApiKey> CreateApiKey(const CreateApiKeyParams& params) override {
    return Ask(admin_, &AdminStub::CreateApiKey, params);
  }
  absl::StatusOr<std::vector<ApiKey>> ListApiKeys(const ListApiKeysParams& params) override {
    return AskAll(admin_, &AdminStub::ListApiKeys, ToWire(params),
                  &v1::ListApiKeysResponse::api_keys);
  }
  absl::StatusOr<ApiKey> RevokeApiKey(const RevokeApiKeyParams& params) override {
    return Ask(admin_, &AdminStub::RevokeApiKey, params, &v1::RevokeApiKeyResponse::api_key);
  }
  absl::StatusOr<NewApiKey> RotateApiKey(const RotateApiKeyParams& params) override {
    return Ask(admin_, &AdminStub::RotateApiKey, params);
  }

 private:
  // Makes one call and converts the part of its answer that `part` selects.
  template <typename Stub, typename Request, typename Response, typename Params,
            typename Part = std::identity>
  auto Ask(Stub& stub, Method<Stub, Request, Response> method, const Params& params, Part part = {})
      -> absl::StatusOr<decltype(FromWire(std::invoke(part, std::declval<const Response&>())))> {
    const absl::StatusOr<Response> response = caller_.Call(stub, method, ToWire(params));
    if (!response.ok()) return response.status();
    return FromWire(std::invoke(part, *response));
  }

  // Collects the items of all pages.
  template <typename Stub, typename Request, typename Response, typename Item>
  auto AskAll(Stub& stub, Method<Stub, Request, Response> method, Request request,
              const RepeatedPtrField<Item>& (Response::*items)() const, int page_size = kPageSize)
      -> absl::StatusOr<std::vector<decltype(FromWire(std::declval<const Item&>()))>> {
    std::vector<decltype(FromWire(std::declval<const Item&>()))> all;
    request.set_page_size(page_size);
    do {
      const absl::StatusOr<Response> page = caller_.Call(stub, method, request);
      if (!page.ok()) return page.status();
      for (const Item& item : ((*page).*items)()) all.push_back(FromWire(item));
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  const Caller caller_;
  const std::shared_ptr<grpc::Channel> channel_;
  BillingStub billing_{channel_};
  MeteringStub metering_{channel_};
  CustomersStub customers_{channel_};
  CatalogStub catalog_{channel_};
  AdminStub admin_{channel_};
  Attempts attempts_{caller_};  // destroyed before the channel
};

}  // namespace

std::shared_ptr<Connection> MakeConnection(const OwostackOptions& options) {
  return std::make_shared<GrpcConnection>(options);
}

}  // namespace owo
