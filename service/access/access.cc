#include "service/access/access.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/util/try.h"

namespace owo::access {

using ledger::Answered;
using ledger::Attempt;
using ledger::CallContext;
using ledger::Decision;
using ledger::Reason;
using ledger::Refuse;
using storage::AccessChangeRecord;
using storage::ApiKeyRecord;
using storage::Micros;
using storage::TenantId;
using storage::TenantProfileRecord;

namespace {

constexpr char kCursorSeparator = ':';

absl::Status NoTenant(const std::string& slug) {
  return Refuse(Reason::kTenantNotFound, absl::StrCat("no tenant has the slug \"", slug, "\""),
                {{"tenant", slug}});
}

absl::Status NoKey(const std::string& id) {
  return Refuse(Reason::kApiKeyNotFound, absl::StrCat("the tenant has no API key \"", id, "\""),
                {{"key_id", id}});
}

absl::Status TooMany(Reason reason, std::string_view what, size_t limit) {
  return Refuse(reason, absl::StrCat("there are ", limit, " ", std::string(what), " already"),
                {{"limit", absl::StrCat(limit)}});
}

// For all changes of one key or tenant that a repeat of a request names by `object`.
CallContext In(const CallContext& context, TenantId tenant) {
  CallContext in = context;
  in.tenant = tenant;
  return in;
}

std::optional<KeyRing::Place> ParseCursor(const std::string& cursor) {
  KeyRing::Place place;
  if (cursor.empty()) return place;
  const size_t at = cursor.find(kCursorSeparator);
  if (at == std::string::npos || !absl::SimpleAtoi(cursor.substr(0, at), &place.created)) {
    return std::nullopt;
  }
  place.id = cursor.substr(at + 1);
  if (!IsKeyId(place.id)) return std::nullopt;
  return place;
}

}  // namespace

bool IsKeyCursor(const std::string& cursor) { return ParseCursor(cursor).has_value(); }

absl::Status Access::Prepare(const Attempt& attempt) {
  return attempt.number == 0 ? absl::OkStatus() : ring_.Refresh(parts_.store);
}

absl::StatusOr<TenantProfileRecord> Access::NamedTenant(const CallContext& context,
                                                        const std::string& slug) const {
  const bool is_operator =
      context.principal != nullptr && context.principal->scopes.Has(ledger::Scope::kOperator);
  if (is_operator) {
    const auto tenant = ring_.FindTenant(slug);
    return tenant.has_value() ? absl::StatusOr<TenantProfileRecord>(*tenant) : NoTenant(slug);
  }
  TenantProfileRecord own = ring_.Profile(context.tenant);
  if (!slug.empty() && slug != own.slug()) return NoTenant(slug);
  return own;
}

absl::StatusOr<std::shared_ptr<const Key>> Access::NamedKey(const TenantProfileRecord& tenant,
                                                            const std::string& id) const {
  if (!IsKeyId(id)) return NoKey(id);
  std::shared_ptr<const Key> key = ring_.Find(id);
  if (key == nullptr || key->record.tenant() != tenant.number()) return NoKey(id);
  return key;
}

KeyView Access::ViewOf(const Key& key, Micros now) const {
  return {.record = key.record,
          .tenant = ring_.Profile(key.tenant.id).slug(),
          .used = key.used.load(std::memory_order_relaxed),
          .now = now};
}

template <typename Value>
Decision<Value> Access::Change(uint64_t generation, AccessChangeRecord changes, std::string object,
                               Value value) {
  Decision<Value> decision{.object = std::move(object), .finish_reads = false};
  changes.set_generation(generation + 1);
  decision.committed = [this, changes] { ring_.Apply(changes); };
  decision.finish = [value = std::move(value)](const storage::MutationResult& /*result*/) {
    return absl::StatusOr<Value>(value);
  };
  decision.change = storage::PutAccess{generation, std::move(changes)};
  return decision;
}

// ---- Tenants.

void Access::CreateTenant(const CallContext& context, TenantParams params,
                          ledger::RequestRef request, TenantDone done) {
  ledger::Operation<TenantProfileRecord> operation{.context = In(context, storage::kNoTenant),
                                                   .method = "CreateTenant",
                                                   .request = std::move(request)};
  operation.decide = [this, context, params](
                         const Attempt& attempt) -> absl::StatusOr<Decision<TenantProfileRecord>> {
    OWO_RETURN_IF_ERROR(Prepare(attempt));
    const uint64_t generation = ring_.generation();  // before anything else is asked
    if (ring_.FindTenant(params.slug).has_value()) {
      return Refuse(Reason::kTenantExists,
                    absl::StrCat("a tenant with the slug \"", params.slug, "\" exists"),
                    {{"tenant", params.slug}});
    }
    if (ring_.tenants() >= kTenantsMax) {
      return TooMany(Reason::kTooManyTenants, "tenants", kTenantsMax);
    }
    TenantProfileRecord profile;
    profile.set_number(ring_.last_tenant() + 1);
    profile.set_slug(params.slug);
    profile.set_name(params.name);
    profile.set_test(params.test);
    profile.set_created_us(context.now());
    profile.set_updated_us(profile.created_us());
    AccessChangeRecord changes;
    *changes.add_tenants() = profile;
    return Change(generation, std::move(changes), params.slug, std::move(profile));
  };
  operation.replay = [this](const storage::ReadOptions&,
                            const std::string& slug) -> absl::StatusOr<TenantProfileRecord> {
    const auto tenant = ring_.FindTenant(slug);
    return tenant.has_value() ? absl::StatusOr<TenantProfileRecord>(*tenant) : NoTenant(slug);
  };
  CommitUntilDone(parts_, storage::kReadAll, std::move(operation), std::move(done));
}

void Access::UpdateTenant(const CallContext& context, std::string method, std::string slug,
                          ChangeProfile change, ledger::RequestRef request, TenantDone done) {
  ledger::Operation<TenantProfileRecord> operation{.context = In(context, storage::kNoTenant),
                                                   .method = std::move(method),
                                                   .request = std::move(request)};
  operation.decide = [this, context, slug, change = std::move(change)](
                         const Attempt& attempt) -> absl::StatusOr<Decision<TenantProfileRecord>> {
    OWO_RETURN_IF_ERROR(Prepare(attempt));
    const uint64_t generation = ring_.generation();
    OWO_TRY(TenantProfileRecord profile, NamedTenant(context, slug));
    if (!change(profile)) {
      return Decision<TenantProfileRecord>{.answer = std::move(profile), .object = slug};
    }
    profile.set_updated_us(context.now());
    AccessChangeRecord changes;
    *changes.add_tenants() = profile;
    return Change(generation, std::move(changes), slug, std::move(profile));
  };
  operation.replay = [this, context](const storage::ReadOptions&, const std::string& of) {
    return NamedTenant(context, of);
  };
  CommitUntilDone(parts_, storage::kReadAll, std::move(operation), std::move(done));
}

void Access::RenameTenant(const CallContext& context, std::string slug, std::string name,
                          ledger::RequestRef request, TenantDone done) {
  const auto rename = [name = std::move(name)](TenantProfileRecord& profile) {
    if (profile.name() == name) return false;
    profile.set_name(name);
    return true;
  };
  UpdateTenant(context, "UpdateTenant", std::move(slug), rename, std::move(request),
               std::move(done));
}

void Access::SetSuspended(const CallContext& context, std::string slug, bool suspended,
                          ledger::RequestRef request, TenantDone done) {
  const auto set = [suspended](TenantProfileRecord& profile) {
    if (profile.suspended() == suspended) return false;
    profile.set_suspended(suspended);
    return true;
  };
  UpdateTenant(context, suspended ? "SuspendTenant" : "ResumeTenant", std::move(slug), set,
               std::move(request), std::move(done));
}

absl::StatusOr<TenantProfileRecord> Access::GetTenant(const CallContext& context,
                                                      const std::string& slug) const {
  return NamedTenant(context, slug);
}

absl::StatusOr<TenantPage> Access::ListTenants(const std::string& after, size_t limit) const {
  TenantPage page{.tenants = ring_.ListTenants(after, limit + 1)};
  if (page.tenants.size() > limit) {
    page.tenants.pop_back();
    page.next = page.tenants.back().slug();
  }
  return page;
}

// ---- API keys.

absl::StatusOr<std::string> Access::AddKey(const TenantProfileRecord& tenant, ApiKeyRecord record,
                                           Micros now, AccessChangeRecord& changes) const {
  std::vector<std::shared_ptr<const Key>> ended;
  size_t valid = 0;
  for (auto& key : ring_.ListKeys(TenantId{tenant.number()}, {}, SIZE_MAX)) {
    if (key->IsValid(now)) {
      ++valid;
    } else {
      ended.push_back(std::move(key));
    }
  }
  if (valid >= kValidKeysMax) {
    return TooMany(Reason::kTooManyApiKeys, "valid API keys of this tenant", kValidKeysMax);
  }
  for (size_t i = 0; i + kEndedKeysMax < ended.size(); ++i) {
    storage::ApiKeyNameRecord& forgotten = *changes.add_forgotten_keys();
    forgotten.set_tenant(tenant.number());
    forgotten.set_id(ended[i]->record.id());
  }
  if (ring_.keys() - static_cast<size_t>(changes.forgotten_keys_size()) >= kKeysMax) {
    return TooMany(Reason::kTooManyApiKeys, "API keys of all tenants", kKeysMax);
  }
  std::array<uint8_t, kKeyRandomBytes> random{};
  OWO_RETURN_IF_ERROR(KernelRandom(random));
  std::string text = MakeKeyText(tenant.test() ? KeyMode::kTest : KeyMode::kLive, random);
  const std::string id(ParseKeyText(text)->id);
  if (ring_.Find(id) != nullptr) return absl::InternalError("the kernel repeats random numbers");
  const KeyHash hash = HashKey(text);
  record.set_tenant(tenant.number());
  record.set_id(id);
  record.set_hash(hash.data(), hash.size());
  record.set_created_us(now);
  *changes.add_keys() = std::move(record);
  return text;
}

void Access::CreateKey(const CallContext& context, KeyParams params, ledger::RequestRef request,
                       NewKeyDone done) {
  const auto owner = NamedTenant(context, params.tenant);
  if (!owner.ok()) return done(owner.status());
  ledger::Operation<NewKey> operation{.context = In(context, TenantId{owner->number()}),
                                      .method = "CreateApiKey",
                                      .request = std::move(request)};
  operation.decide = [this, context, params,
                      tenant = *owner](const Attempt& attempt) -> absl::StatusOr<Decision<NewKey>> {
    OWO_RETURN_IF_ERROR(Prepare(attempt));
    const uint64_t generation = ring_.generation();
    const Micros now = context.now();
    ApiKeyRecord record;
    record.set_label(params.label);
    record.set_scopes(params.scopes.bits());
    record.set_expires_us(params.expires);
    AccessChangeRecord changes;
    NewKey made;
    OWO_TRY(made.text, AddKey(tenant, std::move(record), now, changes));
    made.key = {.record = changes.keys(0), .tenant = tenant.slug(), .now = now};
    const std::string id = made.key.record.id();
    return Change(generation, std::move(changes), id, std::move(made));
  };
  operation.replay = [this, context, tenant = *owner](
                         const storage::ReadOptions&,
                         const std::string& id) -> absl::StatusOr<NewKey> {
    OWO_TRY(const std::shared_ptr<const Key> key, NamedKey(tenant, id));
    return NewKey{.key = ViewOf(*key, context.now())};
  };
  CommitUntilDone(parts_, storage::kReadAll, std::move(operation), std::move(done));
}

void Access::RotateKey(const CallContext& context, RotateParams params, ledger::RequestRef request,
                       NewKeyDone done) {
  const auto owner = NamedTenant(context, params.key.tenant);
  if (!owner.ok()) return done(owner.status());
  ledger::Operation<NewKey> operation{.context = In(context, TenantId{owner->number()}),
                                      .method = "RotateApiKey",
                                      .request = std::move(request)};
  operation.decide = [this, context, params,
                      tenant = *owner](const Attempt& attempt) -> absl::StatusOr<Decision<NewKey>> {
    OWO_RETURN_IF_ERROR(Prepare(attempt));
    const uint64_t generation = ring_.generation();
    const Micros now = context.now();
    OWO_TRY(const std::shared_ptr<const Key> former, NamedKey(tenant, params.key.id));
    if (!former->IsValid(now)) {
      return Refuse(Reason::kApiKeyEnded,
                    absl::StrCat("the API key \"", params.key.id, "\" is revoked or has expired"),
                    {{"key_id", params.key.id}});
    }
    ApiKeyRecord record;
    record.set_label(former->record.label());
    record.set_scopes(former->record.scopes());
    record.set_expires_us(former->record.expires_us());
    AccessChangeRecord changes;
    NewKey made;
    OWO_TRY(made.text, AddKey(tenant, std::move(record), now, changes));
    made.key = {.record = changes.keys(0), .tenant = tenant.slug(), .now = now};
    made.replaced = ViewOf(*former, now);
    ApiKeyRecord& replaced = made.replaced->record;
    const Micros end = now + params.overlap;
    if (replaced.expires_us() == 0 || end < replaced.expires_us()) replaced.set_expires_us(end);
    *changes.add_keys() = replaced;
    const std::string object =
        absl::StrCat(made.key.record.id(), std::string(1, kCursorSeparator), params.key.id);
    return Change(generation, std::move(changes), object, std::move(made));
  };
  operation.replay = [this, context, tenant = *owner](
                         const storage::ReadOptions&,
                         const std::string& object) -> absl::StatusOr<NewKey> {
    const size_t at = std::min(object.find(kCursorSeparator), object.size() - 1);
    OWO_TRY(const std::shared_ptr<const Key> key, NamedKey(tenant, object.substr(0, at)));
    NewKey made{.key = ViewOf(*key, context.now())};
    const auto replaced = NamedKey(tenant, object.substr(at + 1));
    if (replaced.ok()) made.replaced = ViewOf(**replaced, context.now());
    return made;
  };
  CommitUntilDone(parts_, storage::kReadAll, std::move(operation), std::move(done));
}

void Access::RevokeKey(const CallContext& context, KeyRef key, ledger::RequestRef request,
                       KeyDone done) {
  const auto owner = NamedTenant(context, key.tenant);
  if (!owner.ok()) return done(owner.status());
  ledger::Operation<KeyView> operation{.context = In(context, TenantId{owner->number()}),
                                       .method = "RevokeApiKey",
                                       .request = std::move(request)};
  operation.decide = [this, context, id = key.id, tenant = *owner](
                         const Attempt& attempt) -> absl::StatusOr<Decision<KeyView>> {
    OWO_RETURN_IF_ERROR(Prepare(attempt));
    const uint64_t generation = ring_.generation();
    OWO_TRY(const std::shared_ptr<const Key> found, NamedKey(tenant, id));
    KeyView view = ViewOf(*found, context.now());
    if (found->IsRevoked()) {
      return Decision<KeyView>{.answer = std::move(view), .object = id};
    }
    view.record.set_revoked_us(view.now);
    AccessChangeRecord changes;
    *changes.add_keys() = view.record;
    return Change(generation, std::move(changes), id, std::move(view));
  };
  operation.replay = [this, context, tenant = *owner](
                         const storage::ReadOptions&,
                         const std::string& id) -> absl::StatusOr<KeyView> {
    OWO_TRY(const std::shared_ptr<const Key> found, NamedKey(tenant, id));
    return ViewOf(*found, context.now());
  };
  CommitUntilDone(parts_, storage::kReadAll, std::move(operation), std::move(done));
}

absl::StatusOr<KeyPage> Access::ListKeys(const CallContext& context, const std::string& tenant,
                                         const std::string& after, size_t limit) const {
  OWO_TRY(const TenantProfileRecord owner, NamedTenant(context, tenant));
  const auto place = ParseCursor(after);
  if (!place.has_value()) return absl::InternalError("a cursor of keys does not parse");
  const auto keys = ring_.ListKeys(TenantId{owner.number()}, *place, limit + 1);
  const Micros now = context.now();
  KeyPage page;
  for (size_t i = 0; i < std::min(keys.size(), limit); ++i) {
    page.keys.push_back(ViewOf(*keys[i], now));
  }
  if (keys.size() > limit) {
    const ApiKeyRecord& last = page.keys.back().record;
    page.next = absl::StrCat(last.created_us(), std::string(1, kCursorSeparator), last.id());
  }
  return page;
}

}  // namespace owo::access
