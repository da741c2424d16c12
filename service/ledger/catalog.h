// Syncing a tenant's catalog to the features and plans that a caller sends, and reading it.
//
//   catalogs.Sync(context, {.features = {…}, .plans = {…}},
//                 [](absl::StatusOr<Answered<std::vector<CatalogChange>>> changes) { … });
//   OWO_TRY(const PlanView pro, catalogs.GetPlan(context, read, "pro", /*version=*/std::nullopt));
//   OWO_TRY(const PlansPage page, catalogs.ListPlans(context, read, {.limit = 50}));
//
// A plan whose terms change gets a new version; no version is ever changed or removed. So whatever
// was counted under a version can be rated by it for ever. Nothing is deleted: features and plans
// are archived.

#ifndef OWO_SERVICE_LEDGER_CATALOG_H_
#define OWO_SERVICE_LEDGER_CATALOG_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "service/ledger/commit.h"
#include "service/ledger/errors.h"
#include "service/ledger/feature_removal.h"
#include "service/ledger/ledger_parts.h"
#include "service/ledger/plan.h"

namespace owo::ledger {

// What a caller asks for. REQUIRES: each text and decimal is within its own bounds. CheckSpec()
// checks the rules that concern several fields.
struct FeatureSpec {
  // Identifies the feature; cannot change.
  std::string slug;
  std::string name;
  // What one unit is called, such as "call". Optional.
  std::string unit;
  bool archived = false;
};

// A feature of a plan, with its terms there.
struct PlanFeatureSpec {
  std::string feature;  // slug
  Terms terms;          // without feature number
};

// A plan as a caller wants it.
struct PlanSpec {
  std::string slug;
  std::string name;
  std::string currency;  // ISO 4217 code
  rating::Interval interval = rating::Interval::kMonth;
  std::vector<PlanFeatureSpec> features;
  bool archived = false;
};

// Parameters of Catalogs::Sync().
struct CatalogSpec {
  std::vector<FeatureSpec> features;
  std::vector<PlanSpec> plans;
  // Answer what would change, and change nothing.
  bool validate_only = false;
  // Move existing subscriptions of changed plans to the new version when it takes effect, and not
  // at their next billing period.
  bool at_once = false;
  // Allow that customers lose features of the plans that they are subscribed to.
  bool allow_feature_removal = false;
  RequestRef request;
};

// What a sync did with a feature or plan. Archiving and restoring are named whatever else changed.
enum class CatalogAction { kCreated, kUpdated, kUnchanged, kArchived, kRestored };

// One item of a sync's answer.
struct CatalogChange {
  // Whether the item is a plan, and not a feature.
  bool is_plan = false;
  std::string slug;
  CatalogAction action = CatalogAction::kUnchanged;
  // Plans only: the newest version after the sync.
  uint32_t version = 0;
  // Plans only: the terms of each feature, in the order of the spec (InWords).
  std::vector<std::string> prices_in_words;
  // Plans only: when the newest version takes effect or, with `at_once`, when all subscriptions
  // move to it.
  std::optional<storage::Micros> effective;
};

// The most features and plans of a tenant, archived ones included, and versions of a plan.
inline constexpr size_t kFeaturesMax = 1000;
inline constexpr size_t kPlansMax = 1000;
inline constexpr uint32_t kPlanVersionsMax = 500;
// The most bytes that the rows of all versions of one plan, and of all plans, may take. Plans and
// catalogs from before these bounds existed may be larger: they work, but get no new versions.
inline constexpr uint64_t kPlanBytesMax = 16 << 20;
inline constexpr uint64_t kCatalogBytesMax = 64 << 20;

// The fields of a spec that break a rule which concerns several of its fields. `known`: the fields
// that are wrong by themselves, so that the spec does not have what the caller gave; no rule that
// concerns one of them is checked, and the result has none of them.
std::vector<FieldViolation> ViolationsOf(const CatalogSpec& spec,
                                         std::span<const FieldViolation> known);
// Checks `spec` against its own rules and against `catalog`. Thread-safe, and does not read.
// Errors: INVALID_REQUEST with the field violations, FEATURE_NOT_FOUND, PLAN_IMMUTABLE.
absl::Status CheckSpec(const CatalogSpec& spec, const Catalog& catalog);

// What syncing a spec would do. `record` has the features and plans to write, new ones with the
// numbers that they get.
struct CatalogPlan {
  std::vector<CatalogChange> changes;
  storage::CatalogRecord record;
  // One entry for each plan that loses features.
  std::vector<RemovedFeatures> removed;
  // Whether terms of subscriptions change at `effective`.
  bool changes_terms = false;
};
// Reads the newest version of a plan. May block.
using ReadNewest = std::function<absl::StatusOr<storage::PlanVersionRecord>(const Plan&)>;
// Works out what a sync of `spec` changes. Reads the newest versions of the plans in `spec` one at
// a time. `effective`: when new versions take effect. REQUIRES: CheckSpec(spec, catalog) is OK.
absl::StatusOr<CatalogPlan> PlanSync(const CatalogSpec& spec, const Catalog& catalog,
                                     const ReadNewest& read_newest, storage::Micros effective);

// CATALOG_TOO_LARGE if `after` has versions that `before` lacks and exceeds a bound on bytes:
// kPlanBytesMax or kCatalogBytesMax. `before` and `after`: the catalog before and after a sync.
absl::Status CheckBytes(const Catalog& before, const Catalog& after);

// A plan in one of its versions, for display.
struct PlanView {
  // `plan` and `version` point into it. Neither is null.
  Catalog::Ptr catalog;
  const Plan* plan = nullptr;
  const PlanVersion* version = nullptr;
  // Of all features of the version.
  VersionTermsPtr terms;
};

// Which features or plans a page lists.
struct SlugsQuery {
  bool include_archived = false;
  std::string after;  // a slug; "": from the first
  size_t limit = 0;

  // Whether the item belongs to the list, from `after` on.
  template <typename Item>
  bool Matches(const Item& item) const {
    return item.slug > after && (include_archived || !item.archived);
  }
};

// A page of plans.
struct PlansPage {
  std::vector<PlanView> plans;  // by slug, each in its newest version
  bool more = false;            // whether more plans follow
};

// The terms of a feature in English, prices both in the currency and in its minor units:
// "1,000 calls free each month, then 0.02 USD (2 minor units) per call". `unit`: the name of one
// unit, such as "call"; "" for "unit".
std::string InWords(const Terms& terms, rating::Currency currency, const std::string& unit);

// Thread-safe. Methods that return a StatusOr block on reads. Sync() answers through `done`.
class Catalogs {
 public:
  explicit Catalogs(LedgerParts& parts) : parts_(parts) {}

  // Creates or changes the features and plans in `spec`, and leaves all others as they are. With
  // `validate_only`, answers what would change and commits nothing. Errors: those of CheckSpec()
  // and CheckBytes(); FEATURE_IN_USE unless `allow_feature_removal`; REQUEST_ID_REUSED; CONTENTION.
  void Sync(const CallContext& context, CatalogSpec spec,
            Done<Answered<std::vector<CatalogChange>>> done);
  // The tenant's catalog, to list features from. Reads the store only if none is cached.
  absl::StatusOr<std::shared_ptr<const Catalog>> Get(const CallContext& context,
                                                     const storage::ReadOptions& read) {
    return parts_.directory.GetCatalog(read, context.tenant);
  }

  // Absent `version`: the newest. Errors: PLAN_NOT_FOUND.
  absl::StatusOr<PlanView> GetPlan(const CallContext& context, const storage::ReadOptions& read,
                                   const std::string& slug, std::optional<uint32_t> version);
  // A page may have fewer plans than `limit`, because it is also bounded in bytes. It has at least
  // one plan if any is left.
  absl::StatusOr<PlansPage> ListPlans(const CallContext& context, const storage::ReadOptions& read,
                                      const SlugsQuery& query);

 private:
  using Changes = std::vector<CatalogChange>;
  // Reads newest versions from the store, for PlanSync().
  ReadNewest NewestIn(const CallContext& context, const storage::ReadOptions& read) const;
  // Decides one attempt of a sync.
  absl::StatusOr<Decision<Changes>> Decide(const CallContext& context, const CatalogSpec& spec,
                                           const Attempt& attempt);
  // What a sync of `spec` would change now; commits nothing.
  absl::StatusOr<Changes> ChangesNow(const CallContext& context, const storage::ReadOptions& read,
                                     const CatalogSpec& spec);

  LedgerParts& parts_;
};

// When a change takes effect: at `now`, or just after `latest`, the time of the latest counted
// event, if that is later. Attempts after the first (`attempt` 0) add a delay that grows with
// `attempt` up to kEffectiveDelayMax, so that a steady stream of usage cannot make every attempt
// fail. Times are in microseconds.
inline constexpr storage::Micros kEffectiveDelayMax = 256'000;
storage::Micros EffectiveTime(storage::Micros now, std::optional<storage::Micros> latest,
                              int attempt);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CATALOG_H_
