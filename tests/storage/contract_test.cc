#include "storage/contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace owo::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ContractRecord ThreeSubscriptions() {
  ContractRecord contract;
  contract.set_number(7);
  contract.set_spend_cap(5);
  for (uint32_t number = 1; number <= 3; ++number) {
    SubscriptionRecord& added = *contract.add_subscriptions();
    added.set_number(number);
    added.set_plan(1);
    added.set_end_us(100);
    for (const char* const key : {"a", "b", "c", "d"}) (*added.mutable_metadata())[key] = "1";
  }
  return contract;
}

std::vector<uint32_t> NumbersOf(const ContractRecord& contract) {
  std::vector<uint32_t> numbers;
  for (const SubscriptionRecord& each : contract.subscriptions()) numbers.push_back(each.number());
  return numbers;
}

TEST(ContractTest, ChangesOfNothingAreNone) {
  const ContractRecord contract = ThreeSubscriptions();
  const ContractRecord changes = ChangesOf(contract, contract);
  EXPECT_THAT(NumbersOf(changes), IsEmpty());
  EXPECT_EQ(changes.spend_cap(), 5);
  EXPECT_EQ(changes.number(), 7);
}

TEST(ContractTest, EveryKindOfChangeIsSeen) {
  const std::vector<std::function<void(SubscriptionRecord&)>> kinds = {
      [](auto& s) { s.set_plan(2); },
      [](auto& s) { s.set_start_us(1); },
      [](auto& s) { s.set_end_us(101); },
      [](auto& s) { s.set_created_us(1); },
      [](auto& s) { (*s.mutable_metadata())["a"] = "2"; },
      [](auto& s) { (*s.mutable_metadata())["e"] = "1"; },
      [](auto& s) { s.mutable_metadata()->erase("d"); },
      [](auto& s) { s.mutable_metadata()->clear(); },
  };
  const ContractRecord before = ThreeSubscriptions();
  for (size_t i = 0; i < kinds.size(); ++i) {
    ContractRecord contract = before;
    kinds[i](*contract.mutable_subscriptions(1));
    EXPECT_THAT(NumbersOf(ChangesOf(contract, before)), ElementsAre(2)) << "kind " << i;
  }
}

TEST(ContractTest, WhatIsNewIsThere) {
  const ContractRecord before = ThreeSubscriptions();
  ContractRecord contract = before;
  contract.add_subscriptions()->set_number(4);
  EXPECT_THAT(NumbersOf(ChangesOf(contract, before)), ElementsAre(4));
}

}  // namespace
}  // namespace owo::storage
