#include "service/rpc/authenticator.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/access/key_text.h"
#include "service/ledger/errors.h"
#include "storage/util/try.h"

namespace owo::rpc {
namespace {

using ledger::Reason;
using ledger::Refuse;
using ledger::Scope;

constexpr std::string_view kScheme = "Bearer ";

// Refusals without details are made once, so that they stay cheap under a flood.
const absl::Status& Missing() {
  static const auto* const status = new absl::Status(
      Refuse(Reason::kKeyMissing,
             "the call has no API key: send the metadata `authorization: Bearer owo_sk_…`"));
  return *status;
}

const absl::Status& Malformed() {
  static const auto* const status = new absl::Status(Refuse(
      Reason::kKeyMalformed,
      "the metadata `authorization` is not `Bearer ` and an API key: a key has 75 characters "
      "and a checksum, so this one is mistyped or cut off"));
  return *status;
}

const absl::Status& Unknown() {
  static const auto* const status =
      new absl::Status(Refuse(Reason::kKeyUnknown, "there is no such API key"));
  return *status;
}

std::string TimeText(storage::Micros time) {
  return absl::FormatTime(absl::RFC3339_full, absl::FromUnixMicros(time), absl::UTCTimeZone());
}

absl::Status Ended(const access::Key& key, storage::Micros now) {
  const std::string& id = key.record.id();
  if (key.IsRevoked()) {
    return Refuse(Reason::kKeyRevoked, absl::StrCat("the API key ", id, " was revoked"),
                  {{"key_id", id}, {"revoked_at", TimeText(key.record.revoked_us())}});
  }
  if (!key.IsExpired(now)) return absl::OkStatus();
  return Refuse(Reason::kKeyExpired, absl::StrCat("the API key ", id, " has expired"),
                {{"key_id", id}, {"expired_at", TimeText(key.record.expires_us())}});
}

absl::Status LacksScope(ledger::Scopes wanted) {
  std::string names;
  for (const auto& [scope, name] : {std::pair(Scope::kTrack, "track"),
                                    {Scope::kRead, "read"},
                                    {Scope::kBilling, "billing"},
                                    {Scope::kAdmin, "admin"},
                                    {Scope::kOperator, "operator"}}) {
    if (wanted.Has(scope)) absl::StrAppend(&names, names.empty() ? "" : ",", name);
  }
  return Refuse(Reason::kScopeMissing, absl::StrCat("the caller lacks the scope ", names),
                {{"scope", names}});
}

}  // namespace

absl::Status Authenticator::IdentifyByKey(std::string_view text, Caller& caller) const {
  const auto parsed = access::ParseKeyText(text);
  if (!parsed.has_value()) return Malformed();
  // Also of a key that there is not, so that the time tells nothing.
  const access::KeyHash hash = access::HashKey(text);
  std::shared_ptr<const access::Key> key = options_.ring.Find(parsed->id);
  if (key == nullptr || !access::IsHash(hash, key->record.hash())) {
    return access::HasKeyChecksum(text) ? Unknown() : Malformed();
  }
  const storage::Micros now = clock_();
  OWO_RETURN_IF_ERROR(Ended(*key, now));
  key->Use(now);
  caller.principal = &key->principal;
  caller.tenant = &key->tenant;
  caller.key = std::move(key);
  return absl::OkStatus();
}

absl::Status Authenticator::Identify(std::string_view authorization, Caller& caller) const {
  if (authorization.empty()) {
    if (options_.require_keys) return Missing();
    caller = {.principal = &anonymous_, .tenant = &options_.ring.default_tenant()};
    return absl::OkStatus();
  }
  // The scheme is compared without regard to case, as RFC 9110 has it.
  if (authorization.size() < kScheme.size() ||
      !absl::EqualsIgnoreCase({authorization.data(), kScheme.size()},
                              {kScheme.data(), kScheme.size()})) {
    return Malformed();
  }
  const std::string_view text = authorization.substr(kScheme.size());
  if (text.starts_with(access::kKeyPrefix)) return IdentifyByKey(text, caller);
  if (text.size() < access::kOperatorKeySizeMin || text.size() > access::kOperatorKeySizeMax) {
    return Malformed();
  }
  const access::KeyHash hash = access::HashKey(text);
  if (options_.operator_key == nullptr || !options_.operator_key->Is(hash)) return Malformed();
  caller = {.principal = &operator_};
  return absl::OkStatus();
}

absl::Status Authenticator::Authenticate(std::string_view authorization, const RpcAccess& needs,
                                         Caller& caller) const {
  OWO_RETURN_IF_ERROR(Identify(authorization, caller));
  if (!caller.principal->scopes.HasAnyOf(needs.any_of)) return LacksScope(needs.any_of);
  if (!needs.read_only && caller.tenant != nullptr && caller.tenant->suspended) {
    const std::string slug = options_.ring.Profile(caller.tenant->id).slug();
    return Refuse(Reason::kTenantSuspended,
                  absl::StrCat("the tenant \"", slug, "\" is suspended: it can only read"),
                  {{"tenant", slug}});
  }
  return absl::OkStatus();
}

absl::Status Authenticator::Admit(std::string_view authorization) const {
  Caller caller;
  return Identify(authorization, caller);
}

}  // namespace owo::rpc
