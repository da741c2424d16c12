// Making the catalog what a caller says it is.
//
//   catalog.Sync(tenant, {.features = {…}, .plans = {…}}, [](absl::StatusOr<Answered<…>> changes) {
//   … });

#ifndef OWO_SERVICE_LEDGER_CATALOG_H_
#define OWO_SERVICE_LEDGER_CATALOG_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "service/ledger/commit.h"
#include "service/ledger/context.h"
#include "service/ledger/errors.h"
#include "service/ledger/feature_removal.h"
#include "service/ledger/plan.h"

namespace owo::ledger {

// What a caller asks for. Texts and decimals are within their own bounds; how they fit together is
// checked here.
struct FeatureSpec {
  std::string slug;
  std::string name;
  std::string unit;
  bool archived = false;
};

struct PlanFeatureSpec {
  std::string feature;
  Terms terms;  // without feature number
};

struct PlanSpec {
  std::string slug;
  std::string name;
  std::string currency;
  rating::Interval interval = rating::Interval::kMonth;
  std::vector<PlanFeatureSpec> features;
  bool archived = false;
};

struct CatalogSpec {
  std::vector<FeatureSpec> features;
  std::vector<PlanSpec> plans;
  bool validate_only = false;
  bool at_once = false;
  bool allow_feature_removal = false;
  RequestRef request;
};

enum class CatalogAction { kCreated, kUpdated, kUnchanged, kArchived, kRestored };

struct CatalogChange {
  bool is_plan = false;
  std::string slug;
  CatalogAction action = CatalogAction::kUnchanged;
  uint32_t version = 0;
  std::vector<std::string> prices_in_words;
  // Of a plan: from when its newest version holds, or with `at_once` all subscriptions have it.
  std::optional<storage::Micros> effective;
};

inline constexpr size_t kFeaturesMax = 1000;
inline constexpr size_t kPlansMax = 1000;
inline constexpr uint32_t kPlanVersionsMax = 500;
// Of the rows of all versions of a plan, and of all plans. A catalog that is larger already, made
// before there were these bounds, works as any other, but does not grow.
inline constexpr uint64_t kPlanBytesMax = 16 << 20;
inline constexpr uint64_t kCatalogBytesMax = 64 << 20;

// What is wrong with the spec against what is there; empty when nothing is. `violations` are of the
// request's fields; the status is a refusal of another kind.
absl::Status CheckSpec(const CatalogSpec& spec, const Catalog& catalog);

// What syncing `spec` would do. `record` has the features and plans to write; new ones are
// numbered.
struct CatalogPlan {
  std::vector<CatalogChange> changes;
  storage::CatalogRecord record;
  std::vector<RemovedFeatures> removed;  // of plans that lose some
  bool changes_terms = false;            // of subscriptions, from the given time on
};
// Reads the newest version of a plan.
using ReadNewest = std::function<absl::StatusOr<storage::PlanVersionRecord>(const Plan&)>;
// Reads the newest versions of the plans in `spec`, one after the other. REQUIRES: CheckSpec is OK.
// `effective`: when new versions take effect.
absl::StatusOr<CatalogPlan> PlanSync(const CatalogSpec& spec, const Catalog& catalog,
                                     const ReadNewest& read_newest, storage::Micros effective);

// CATALOG_TOO_LARGE if versions that are not in `before` take `after` beyond a bound.
absl::Status CheckBytes(const Catalog& before, const Catalog& after);

// A plan in one of its versions, as it is shown.
struct PlanView {
  Catalog::Ptr catalog;  // that the next two are in
  const Plan* plan = nullptr;
  const PlanVersion* version = nullptr;
  VersionTermsPtr terms;
};

struct SlugsQuery {
  bool include_archived = false;
  std::string after;  // a slug; "": from the first
  size_t limit = 0;

  template <typename Item>
  bool Matches(const Item& item) const {
    return item.slug > after && (include_archived || !item.archived);
  }
};

struct PlansPage {
  std::vector<PlanView> plans;  // by slug, each in its newest version
  bool more = false;            // there are, behind these
};

// The terms of a feature in English, prices both in the currency and in its minor units:
// "1,000 calls free each month, then 0.02 USD (2 minor units) per call". `unit`: what one unit is
// called, "call"; "" for "unit".
std::string InWords(const Terms& terms, rating::Currency currency, const std::string& unit);

// Thread-safe.
class Catalogs {
 public:
  explicit Catalogs(Context& context) : context_(context) {}

  void Sync(storage::TenantId tenant, CatalogSpec spec,
            Done<Answered<std::vector<CatalogChange>>> done);
  absl::StatusOr<std::shared_ptr<const Catalog>> Get(const storage::ReadOptions& read,
                                                     storage::TenantId tenant) {
    return context_.directory.GetCatalog(read, tenant);
  }

  // PLAN_NOT_FOUND. Absent `version`: the newest.
  absl::StatusOr<PlanView> GetPlan(const storage::ReadOptions& read, storage::TenantId tenant,
                                   const std::string& slug, std::optional<uint32_t> version);
  // A page may have fewer plans than `limit`, as they may be large, but not none if there are more.
  absl::StatusOr<PlansPage> ListPlans(const storage::ReadOptions& read, storage::TenantId tenant,
                                      const SlugsQuery& query);

 private:
  using Changes = std::vector<CatalogChange>;
  ReadNewest NewestIn(const storage::ReadOptions& read, storage::TenantId tenant) const;
  absl::StatusOr<Decision<Changes>> Decide(storage::TenantId tenant, const CatalogSpec& spec,
                                           const Attempt& attempt);
  absl::StatusOr<Changes> ChangesNow(const storage::ReadOptions& read, storage::TenantId tenant,
                                     const CatalogSpec& spec);

  Context& context_;
};

// A time that lies behind all usage counted so far, at or just after `now`; later with each
// attempt, by at most kEffectiveDelayMax, so that usage that keeps coming cannot keep it away.
inline constexpr storage::Micros kEffectiveDelayMax = 256'000;
storage::Micros EffectiveTime(storage::Micros now, std::optional<storage::Micros> latest,
                              int attempt);

}  // namespace owo::ledger

#endif  // OWO_SERVICE_LEDGER_CATALOG_H_
