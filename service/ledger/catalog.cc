#include "service/ledger/catalog.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "service/ledger/feature_removal.h"
#include "storage/util/try.h"

namespace owo::ledger {
namespace {

using storage::Micros;
using storage::TenantId;

CatalogAction ActionOf(bool known, bool was_archived, bool archived, bool changed) {
  if (!known) return CatalogAction::kCreated;
  if (archived && !was_archived) return CatalogAction::kArchived;
  if (!archived && was_archived) return CatalogAction::kRestored;
  return changed ? CatalogAction::kUpdated : CatalogAction::kUnchanged;
}

// When a version takes effect or, with `at_once`, when all subscriptions move to it.
Micros EffectiveOf(const PlanVersion& version, bool at_once) {
  const bool moved = at_once && version.at_once_from != storage::kForever;
  return moved ? version.at_once_from : version.effective;
}

class Planner {
 public:
  Planner(const CatalogSpec& spec, const Catalog& catalog, const ReadNewest& read_newest,
          Micros effective)
      : spec_(spec), catalog_(catalog), read_newest_(read_newest), effective_(effective) {
    for (const auto& feature : catalog.features()) {
      last_feature_ = std::max(last_feature_, static_cast<uint32_t>(feature->number));
    }
    for (const auto& plan : catalog.plans()) {
      last_plan_ = std::max(last_plan_, static_cast<uint32_t>(plan->number));
    }
  }

  absl::StatusOr<CatalogPlan> Run() {
    for (const FeatureSpec& feature : spec_.features) AddFeature(feature);
    for (const PlanSpec& plan : spec_.plans) OWO_RETURN_IF_ERROR(AddPlan(plan));
    return std::move(plan_);
  }

 private:
  void AddFeature(const FeatureSpec& spec) {
    const Feature* const known = catalog_.FindFeature(spec.slug);
    const bool same = known != nullptr && known->name == spec.name && known->unit == spec.unit;
    const CatalogAction action =
        ActionOf(known != nullptr, known != nullptr && known->archived, spec.archived, !same);
    const uint32_t number =
        known != nullptr ? static_cast<uint32_t>(known->number) : ++last_feature_;
    numbers_[spec.slug] = storage::FeatureNo{number};
    units_[spec.slug] = spec.unit;
    plan_.changes.push_back({.slug = spec.slug, .action = action});
    if (action == CatalogAction::kUnchanged) return;
    storage::FeatureRecord& record = *plan_.record.add_features();
    record.set_number(number);
    record.set_slug(spec.slug);
    record.set_name(spec.name);
    record.set_unit(spec.unit);
    record.set_archived(spec.archived);
  }

  storage::FeatureNo NumberOf(const std::string& slug) const {
    const auto found = numbers_.find(slug);
    return found != numbers_.end() ? found->second : catalog_.FindFeature(slug)->number;
  }
  std::string UnitOf(const std::string& slug) const {
    const auto found = units_.find(slug);
    return found != units_.end() ? found->second : catalog_.FindFeature(slug)->unit;
  }

  storage::PlanVersionRecord VersionOf(const PlanSpec& spec) const {
    storage::PlanVersionRecord version;
    version.set_name(spec.name);
    for (const PlanFeatureSpec& feature : spec.features) {
      Terms terms = feature.terms;
      terms.feature = NumberOf(feature.feature);
      *version.add_features() = ToRecord(terms);
    }
    return version;
  }

  static bool Equal(const storage::PlanFeatureRecord& a, const storage::PlanFeatureRecord& b) {
    return a.SerializeAsString() == b.SerializeAsString();
  }

  // Whether two versions have the same terms.
  static absl::StatusOr<bool> SameTerms(const storage::PlanVersionRecord& newest,
                                        const storage::PlanVersionRecord& version) {
    if (newest.name() != version.name() || newest.features_size() != version.features_size()) {
      return false;
    }
    for (int i = 0; i < newest.features_size(); ++i) {
      if (Equal(newest.features(i), version.features(i))) continue;
      // The stored record may encode the same terms in other bytes: compares its canonical form.
      OWO_TRY(const Terms terms, FromRecord(newest.features(i)));
      if (!Equal(ToRecord(terms), version.features(i))) return false;
    }
    return true;
  }

  // Records the features that the newest version of a plan has and `version` lacks.
  void NoteRemoved(const Plan& known, const storage::PlanVersionRecord& newest,
                   const storage::PlanVersionRecord& version) {
    absl::flat_hash_set<uint32_t> stay;
    for (const storage::PlanFeatureRecord& feature : version.features()) {
      stay.insert(feature.feature());
    }
    RemovedFeatures removed{.plan = &known};
    for (const storage::PlanFeatureRecord& feature : newest.features()) {
      const Feature* const gone = catalog_.FindFeature(storage::FeatureNo{feature.feature()});
      if (gone != nullptr && !stay.contains(feature.feature())) {
        removed.features.push_back(gone->slug);
      }
    }
    if (!removed.features.empty()) plan_.removed.push_back(std::move(removed));
  }

  // Whether this sync moves subscriptions at once that would move to the newest version at their
  // next billing period. There are none if the plan has one version or was moved before.
  bool Moves(const Plan* known) const {
    return spec_.at_once && known != nullptr && known->versions.size() > 1 &&
           known->newest().at_once_from == storage::kForever;
  }

  // CatalogChange::effective of a plan that gets no new version.
  Micros HoldsFrom(const Plan& known) const {
    return Moves(&known) ? effective_ : EffectiveOf(known.newest(), spec_.at_once);
  }

  absl::Status AddPlan(const PlanSpec& spec) {
    const Plan* const known = catalog_.FindPlan(spec.slug);
    storage::PlanVersionRecord version = VersionOf(spec);
    bool same = false;
    if (known != nullptr) {
      OWO_TRY(const storage::PlanVersionRecord newest, read_newest_(*known));
      OWO_TRY(same, SameTerms(newest, version));
      NoteRemoved(*known, newest, version);
    }
    const bool moves = same && Moves(known);
    const CatalogAction action = ActionOf(known != nullptr, known != nullptr && known->archived,
                                          spec.archived, !same || moves);
    const uint32_t newest = known == nullptr ? 0 : known->newest().version;
    plan_.changes.push_back({.is_plan = true,
                             .slug = spec.slug,
                             .action = action,
                             .version = same ? newest : newest + 1,
                             .prices_in_words = PricesOf(spec),
                             .effective = same ? HoldsFrom(*known) : effective_});
    if (action == CatalogAction::kUnchanged) return absl::OkStatus();
    storage::PlanRecord& record = *plan_.record.add_plans();
    record.set_number(known != nullptr ? static_cast<uint32_t>(known->number) : ++last_plan_);
    record.set_slug(spec.slug);
    record.set_currency(spec.currency);
    record.set_interval(static_cast<uint32_t>(CodeOf(spec.interval)));
    record.set_archived(spec.archived);
    if (same && !moves) return absl::OkStatus();
    if (moves) {
      version.set_version(newest);
      version.set_effective_us(known->newest().effective);
      version.set_at_once_us(effective_);
    } else {
      version.set_version(newest + 1);
      version.set_effective_us(effective_);
      version.set_at_once(spec_.at_once);
    }
    *record.add_versions() = std::move(version);
    plan_.changes_terms = true;
    return absl::OkStatus();
  }

  std::vector<std::string> PricesOf(const PlanSpec& spec) const {
    const rating::Currency currency = *rating::Currency::Parse(spec.currency);
    std::vector<std::string> words;
    for (const PlanFeatureSpec& feature : spec.features) {
      words.push_back(absl::StrCat(feature.feature, ": ",
                                   InWords(feature.terms, currency, UnitOf(feature.feature))));
    }
    return words;
  }

  const CatalogSpec& spec_;
  const Catalog& catalog_;
  const ReadNewest& read_newest_;
  const Micros effective_;
  uint32_t last_feature_ = 0;
  uint32_t last_plan_ = 0;
  absl::flat_hash_map<std::string, storage::FeatureNo> numbers_;
  absl::flat_hash_map<std::string, std::string> units_;
  CatalogPlan plan_;
};

absl::Status CheckVersions(const std::vector<CatalogChange>& changes) {
  std::vector<FieldViolation> violations;
  size_t plans = 0;
  for (const CatalogChange& change : changes) {
    if (!change.is_plan) continue;
    if (change.version > kPlanVersionsMax) {
      violations.push_back({absl::StrCat("plans[", plans, "]"),
                            absl::StrCat("\"", change.slug, "\" has ", kPlanVersionsMax,
                                         " versions, which is the most: make another plan")});
    }
    ++plans;
  }
  return violations.empty() ? absl::OkStatus() : RefuseFields(std::move(violations));
}

// The most bytes of plan rows on one page. In memory they take a few times as much.
constexpr size_t kPageBytesMax = 1 << 20;

absl::Status PlanNotFound(const std::string& slug, const Plan* plan,
                          std::optional<uint32_t> version) {
  Metadata metadata = {{"plan", slug}};
  std::string what = absl::StrCat("no plan has the slug \"", slug, "\"");
  if (version.has_value()) {
    metadata.emplace_back("version", absl::StrCat(*version));
    if (plan != nullptr) what = absl::StrCat("plan \"", slug, "\" has no version ", *version);
  }
  return Refuse(Reason::kPlanNotFound, what, std::move(metadata));
}

absl::StatusOr<PlanView> ViewOf(CatalogReader& catalog, const Plan& plan,
                                const PlanVersion& version) {
  PlanView view{.catalog = catalog.shared(), .plan = &plan, .version = &version};
  OWO_TRY(view.terms, catalog.Read(plan.number, version.version));
  return view;
}

}  // namespace

absl::StatusOr<CatalogPlan> PlanSync(const CatalogSpec& spec, const Catalog& catalog,
                                     const ReadNewest& read_newest, Micros effective) {
  return Planner(spec, catalog, read_newest, effective).Run();
}

Micros EffectiveTime(Micros now, std::optional<Micros> latest, int attempt) {
  constexpr Micros kMillisecond = 1000;
  const Micros ahead = attempt == 0 ? 0 : kMillisecond << std::min(attempt, 8);
  static_assert(kMillisecond << 8 == kEffectiveDelayMax);
  return std::max(now, latest.has_value() ? *latest + 1 : now) + ahead;
}

ReadNewest Catalogs::NewestIn(const CallContext& context, const storage::ReadOptions& read) const {
  return [this, read, context](const Plan& plan) -> absl::StatusOr<storage::PlanVersionRecord> {
    OWO_TRY(auto newest,
            parts_.store.ReadPlanVersion(read, context.tenant, plan.number, plan.newest().version));
    if (!newest.has_value()) return absl::DataLossError("a version of a plan is missing");
    return *std::move(newest);
  };
}

absl::StatusOr<Catalogs::Changes> Catalogs::ChangesNow(const CallContext& context,
                                                       const storage::ReadOptions& read,
                                                       const CatalogSpec& spec) {
  OWO_TRY(const auto catalog, parts_.directory.GetCatalog(read, context.tenant));
  OWO_RETURN_IF_ERROR(CheckSpec(spec, *catalog));
  OWO_TRY(CatalogPlan plan, PlanSync(spec, *catalog, NewestIn(context, read), context.now()));
  Changes changes = std::move(plan.changes);
  // A repeated request does not undo later changes of the catalog: it reports everything unchanged.
  for (CatalogChange& change : changes) {
    change.action = CatalogAction::kUnchanged;
    if (!change.is_plan) continue;
    const PlanVersion& newest = catalog->FindPlan(change.slug)->newest();
    change.version = newest.version;
    change.effective = EffectiveOf(newest, spec.at_once);
  }
  return changes;
}

absl::StatusOr<Decision<Catalogs::Changes>> Catalogs::Decide(const CallContext& context,
                                                             const CatalogSpec& spec,
                                                             const Attempt& attempt) {
  OWO_TRY(const auto catalog, parts_.directory.GetCatalog(attempt.read, context.tenant));
  OWO_RETURN_IF_ERROR(CheckSpec(spec, *catalog));
  OWO_TRY(const auto latest, parts_.store.LatestEvent(attempt.read, context.tenant));
  const Micros effective = EffectiveTime(context.now(), latest, attempt.number);
  OWO_TRY(CatalogPlan plan, PlanSync(spec, *catalog, NewestIn(context, attempt.read), effective));
  OWO_RETURN_IF_ERROR(CheckVersions(plan.changes));
  OWO_TRY(Catalog::Ptr next, catalog->With(plan.record));
  OWO_RETURN_IF_ERROR(CheckBytes(*catalog, *next));
  storage::NotSubscribedSince not_subscribed;
  if (!spec.allow_feature_removal) {
    OWO_TRY(not_subscribed, CheckFeatureRemoval(context, parts_, plan.removed));
  }
  const bool nothing = plan.record.features().empty() && plan.record.plans().empty();
  if (spec.validate_only || nothing) {
    return Decision<Changes>{.answer = std::move(plan.changes), .object = "catalog"};
  }
  storage::PutCatalog put{.generation = catalog->generation(), .changes = std::move(plan.record)};
  if (plan.changes_terms) put.effective_from = effective;
  put.not_subscribed = std::move(not_subscribed);
  Decision<Changes> decision{.change = std::move(put), .object = "catalog"};
  // Caches the new catalog before any event is found stale, which would read it from the store.
  decision.committed = [this, context, next = std::move(next)] {
    parts_.directory.InstallCatalog(context.tenant, next);
  };
  decision.finish = [this, context, changes = std::move(plan.changes)](
                        const storage::MutationResult&) -> absl::StatusOr<Changes> {
    parts_.directory.ForgetOlder(context.tenant);
    return changes;
  };
  return decision;
}

void Catalogs::Sync(const CallContext& context, CatalogSpec spec, Done<Answered<Changes>> done) {
  Operation<Changes> operation{
      .context = context, .method = "SyncCatalog", .request = spec.request};
  if (spec.validate_only) operation.request = {};
  auto shared = std::make_shared<const CatalogSpec>(std::move(spec));
  operation.replay = [this, context, shared](const storage::ReadOptions& read, const std::string&) {
    return ChangesNow(context, read, *shared);
  };
  operation.decide = [this, context, shared](const Attempt& attempt) {
    return Decide(context, *shared, attempt);
  };
  CommitUntilDone(parts_, storage::kReadAll, std::move(operation), std::move(done));
}

// ---- Reading the catalog.

absl::StatusOr<PlanView> Catalogs::GetPlan(const CallContext& context,
                                           const storage::ReadOptions& read,
                                           const std::string& slug,
                                           std::optional<uint32_t> version) {
  OWO_TRY(CatalogReader catalog, parts_.directory.ReadCatalog(read, context.tenant));
  const Plan* const plan = catalog.catalog().FindPlan(slug);
  const PlanVersion* found = nullptr;
  if (plan != nullptr) found = version.has_value() ? plan->Find(*version) : &plan->newest();
  if (found == nullptr) return PlanNotFound(slug, plan, version);
  return ViewOf(catalog, *plan, *found);
}

absl::StatusOr<PlansPage> Catalogs::ListPlans(const CallContext& context,
                                              const storage::ReadOptions& read,
                                              const SlugsQuery& query) {
  OWO_TRY(CatalogReader catalog, parts_.directory.ReadCatalog(read, context.tenant));
  PlansPage page;
  size_t bytes = 0;
  for (const auto& plan : catalog.catalog().plans()) {
    if (!query.Matches(*plan)) continue;
    const PlanVersion& newest = plan->newest();
    bytes += newest.bytes;
    page.more = page.plans.size() == query.limit || (!page.plans.empty() && bytes > kPageBytesMax);
    if (page.more) break;
    OWO_TRY(page.plans.emplace_back(), ViewOf(catalog, *plan, newest));
  }
  return page;
}

}  // namespace owo::ledger
