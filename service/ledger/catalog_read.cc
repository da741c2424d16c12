#include <utility>

#include "absl/strings/str_cat.h"
#include "service/ledger/catalog.h"
#include "storage/try.h"

namespace owo::ledger {
namespace {

// Rows of plans on one page: what they take in memory is a few times as much.
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

absl::StatusOr<PlanView> Catalogs::GetPlan(const storage::ReadOptions& read,
                                           storage::TenantId tenant, const std::string& slug,
                                           std::optional<uint32_t> version) {
  OWO_TRY(CatalogReader catalog, context_.directory.ReadCatalog(read, tenant));
  const Plan* const plan = catalog.catalog().FindPlan(slug);
  const PlanVersion* found = nullptr;
  if (plan != nullptr) found = version.has_value() ? plan->Find(*version) : &plan->newest();
  if (found == nullptr) return PlanNotFound(slug, plan, version);
  return ViewOf(catalog, *plan, *found);
}

absl::StatusOr<PlansPage> Catalogs::ListPlans(const storage::ReadOptions& read,
                                              storage::TenantId tenant, const SlugsQuery& query) {
  OWO_TRY(CatalogReader catalog, context_.directory.ReadCatalog(read, tenant));
  PlansPage page;
  size_t bytes = 0;
  for (const auto& plan : catalog.catalog().plans()) {
    if (!query.Takes(*plan)) continue;
    const PlanVersion& newest = plan->newest();
    bytes += newest.bytes;
    page.more = page.plans.size() == query.most || (!page.plans.empty() && bytes > kPageBytesMax);
    if (page.more) break;
    OWO_TRY(page.plans.emplace_back(), ViewOf(catalog, *plan, newest));
  }
  return page;
}

}  // namespace owo::ledger
