// Who is billed, and on which plan.
//
//   customers.Create(tenant, {.id = "user_123"}, request, [](absl::StatusOr<Answered<…>> customer)
//   { … }); customers.Subscribe(tenant, {.customer = "user_123", .plan = "pro"}, …);

#ifndef OWO_SERVICE_LEDGER_CUSTOMERS_H_
#define OWO_SERVICE_LEDGER_CUSTOMERS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/ledger/commit.h"
#include "service/ledger/context.h"

namespace owo::ledger {

using Labels = std::map<std::string, std::string>;

// The fields to set; absent ones stay as they are.
struct CustomerFields {
  std::optional<std::string> id;
  std::optional<std::string> email;
  std::optional<std::string> name;
  std::optional<Labels> metadata;
  std::optional<std::string> time_zone;
  std::optional<std::optional<storage::MinorUnits>> spend_cap;
  std::string path;  // of these fields in the request, for violations: "customer"
};

struct SubscribeParams {
  std::string customer;  // id or email
  std::string plan;
  std::optional<storage::Micros> start;
  Labels metadata;
  RequestRef request;
};

struct CancelParams {
  std::string customer;  // id or email
  std::optional<storage::Micros> end;
  bool at_period_end = false;
  RequestRef request;
};

struct ResumeParams {
  std::string customer;  // id or email
  RequestRef request;
};

enum class SubscriptionStatus { kScheduled, kActive, kEnded, kCanceled };

struct SubscriptionView {
  std::string id;
  std::string customer_id;
  std::string plan;
  uint32_t plan_version = 0;
  SubscriptionStatus status = SubscriptionStatus::kActive;
  storage::SubscriptionRecord record;
};

// A subscription as a change left it, and what else the change did.
struct ChangedSubscription : SubscriptionView {
  bool resumed = false;                    // its end was taken back
  std::vector<SubscriptionView> canceled;  // by start
};

// Of one customer: all are looked through whenever a period is drawn.
inline constexpr int kSubscriptionsMax = 500;
inline constexpr int kZonesMax = 100;

// Thread-safe. Calls that give a status block on reads; the others answer through `done`.
class Customers {
 public:
  explicit Customers(Context& context) : context_(context) {}

  void Create(storage::TenantId tenant, CustomerFields fields, RequestRef request,
              Done<Answered<storage::Customer>> done);
  void Update(storage::TenantId tenant, std::string customer, CustomerFields fields,
              RequestRef request, Done<Answered<storage::Customer>> done);
  absl::StatusOr<storage::Customer> Get(const storage::ReadOptions& read, storage::TenantId tenant,
                                        const std::string& customer);
  // In order of id, behind `after`.
  absl::StatusOr<std::vector<storage::Customer>> List(const storage::ReadOptions& read,
                                                      storage::TenantId tenant,
                                                      const std::string& after, size_t limit) const;

  void Subscribe(storage::TenantId tenant, SubscribeParams params,
                 Done<Answered<ChangedSubscription>> done);
  void Cancel(storage::TenantId tenant, CancelParams params,
              Done<Answered<ChangedSubscription>> done);
  void Resume(storage::TenantId tenant, ResumeParams params,
              Done<Answered<ChangedSubscription>> done);
  // Newest start first.
  absl::StatusOr<std::vector<SubscriptionView>> Subscriptions(const storage::ReadOptions& read,
                                                              storage::TenantId tenant,
                                                              const std::string& customer);

 private:
  // Which subscriptions to answer with. What a repeat of the request is answered from, as text.
  struct ChangedNumbers {
    uint32_t subscription = 0;
    bool resumed = false;
    std::vector<uint32_t> canceled;
  };
  // What is to become of a customer: a contract with changed subscriptions.
  struct Subscribing {
    CustomerPtr customer;
    storage::ContractRecord contract;
    ChangedNumbers answer;
    std::optional<storage::Micros> changed_from;  // absent: nothing changed
    std::optional<storage::Subscribes> subscribes;
  };
  absl::StatusOr<Decision<storage::Customer>> DecideCreate(const CustomerFields& fields,
                                                           storage::TenantId tenant,
                                                           const Attempt& attempt);
  absl::StatusOr<Decision<storage::Customer>> DecideUpdate(const std::string& customer,
                                                           const CustomerFields& fields,
                                                           storage::TenantId tenant,
                                                           const Attempt& attempt);
  absl::StatusOr<Subscribing> DecideSubscribe(storage::TenantId tenant,
                                              const SubscribeParams& params,
                                              const Attempt& attempt);
  absl::StatusOr<Subscribing> DecideCancel(storage::TenantId tenant, const CancelParams& params,
                                           const Attempt& attempt);
  absl::StatusOr<Subscribing> DecideResume(storage::TenantId tenant, const ResumeParams& params,
                                           const Attempt& attempt);
  // The customer as stored now, with a catalog that is as new when an attempt failed before.
  absl::StatusOr<Subscribing> StartChange(storage::TenantId tenant, const std::string& customer,
                                          const Attempt& attempt);
  // Lets a subscription go on that has an end. SUBSCRIPTION_CONFLICT if another one follows it.
  absl::Status TakeEndBack(storage::TenantId tenant, storage::SubscriptionRecord& subscription,
                           Subscribing& to) const;
  using Decide = std::function<absl::StatusOr<Subscribing>(const Attempt&)>;
  void ChangeSubscription(storage::TenantId tenant, const std::string& method, RequestRef request,
                          Decide decide, Done<Answered<ChangedSubscription>> done);
  // A time for a change that was asked for `wanted` or for now, behind all usage of the customer.
  absl::StatusOr<storage::Micros> TimeOf(const storage::ReadOptions& read, storage::TenantId tenant,
                                         const CustomerView& customer,
                                         std::optional<storage::Micros> wanted,
                                         const Attempt& attempt) const;
  // Whether usage that was counted lies at or behind `time`.
  absl::StatusOr<bool> HasUsageFrom(const storage::ReadOptions& read, storage::TenantId tenant,
                                    const CustomerView& customer, storage::Micros time) const;
  absl::StatusOr<SubscriptionView> ViewOf(const storage::ReadOptions& read,
                                          storage::TenantId tenant,
                                          const storage::Customer& customer, uint32_t subscription);
  absl::StatusOr<ChangedSubscription> AnswerOf(const storage::ReadOptions& read,
                                               storage::TenantId tenant,
                                               const storage::Customer& customer,
                                               const ChangedNumbers& numbers);
  static std::string ToText(storage::CustomerNo customer, const ChangedNumbers& numbers);
  absl::StatusOr<ChangedSubscription> Replay(const storage::ReadOptions& read,
                                             storage::TenantId tenant, const std::string& text);
  absl::StatusOr<storage::Customer> Read(const storage::ReadOptions& read, storage::TenantId tenant,
                                         const std::string& number) const;
  Decision<storage::Customer> Put(storage::TenantId tenant, const storage::Customer& customer,
                                  const std::string& former_id,
                                  std::optional<storage::Micros> effective_from);

  Context& context_;
};

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CUSTOMERS_H_
