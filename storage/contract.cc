#include "storage/contract.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>

#include "absl/container/flat_hash_map.h"

namespace owo::storage {
namespace {

// Metadata is compared separately: as a map field, MessageDifferencer would sort it by key first.
bool IsSame(google::protobuf::util::MessageDifferencer& without_metadata,
            const SubscriptionRecord& a, const SubscriptionRecord& b) {
  const auto is_in_b = [&b](const auto& label) {
    const auto found = b.metadata().find(label.first);
    return found != b.metadata().end() && found->second == label.second;
  };
  return a.metadata().size() == b.metadata().size() && without_metadata.Compare(a, b) &&
         std::all_of(a.metadata().begin(), a.metadata().end(), is_in_b);
}

}  // namespace

ContractRecord ChangesOf(ContractRecord contract, const ContractRecord& before) {
  absl::flat_hash_map<uint32_t, const SubscriptionRecord*> known;
  for (const SubscriptionRecord& each : before.subscriptions()) known[each.number()] = &each;
  google::protobuf::util::MessageDifferencer without_metadata;
  without_metadata.IgnoreField(SubscriptionRecord::descriptor()->FindFieldByNumber(
      SubscriptionRecord::kMetadataFieldNumber));
  auto& subscriptions = *contract.mutable_subscriptions();
  const auto stays = [&](const SubscriptionRecord& each) {
    const auto found = known.find(each.number());
    return found != known.end() && IsSame(without_metadata, each, *found->second);
  };
  subscriptions.erase(std::remove_if(subscriptions.begin(), subscriptions.end(), stays),
                      subscriptions.end());
  return contract;
}

}  // namespace owo::storage
