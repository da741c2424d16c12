#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>
#include <gtest/gtest.h>

#include "client/cpp/admin.h"
#include "client/cpp/billing.h"
#include "client/cpp/catalog.h"
#include "client/cpp/customers.h"
#include "client/cpp/metering.h"
#include "client/cpp/pricing.h"
#include "owo/billing/v1/access.pb.h"
#include "owo/billing/v1/admin.pb.h"
#include "owo/billing/v1/catalog.pb.h"
#include "owo/billing/v1/customers.pb.h"
#include "owo/billing/v1/event.pb.h"
#include "owo/billing/v1/invoice.pb.h"
#include "owo/billing/v1/period.pb.h"
#include "owo/billing/v1/pricing.pb.h"

namespace owo {
namespace {

namespace v1 = ::owo::billing::v1;

TEST(EnumsTest, WordsAreThoseOfTheSdk) {
  EXPECT_EQ(ToString(InvoiceStatus::kDraft), "draft");
  EXPECT_EQ(ToString(InvoiceStatus::kOpen), "open");
  EXPECT_EQ(ToString(InvoiceStatus::kPaid), "paid");
  EXPECT_EQ(ToString(InvoiceStatus::kVoid), "void");
  EXPECT_EQ(ToString(TrackCode::kNoActiveSubscription), "no_active_subscription");
}

TEST(EnumsTest, UnknownValuesAreTolerated) {
  EXPECT_EQ(ToString(static_cast<InvoiceStatus>(99)), "unknown");
  EXPECT_EQ(ToString(static_cast<TrackCode>(-1)), "unknown");
}

// Expects `values` to name all values of the protocol's enum, in numeric order.
template <typename WireEnum, typename Enum>
void ExpectSame(std::initializer_list<std::pair<Enum, const char*>> values) {
  const auto& wire = *google::protobuf::GetEnumDescriptor<WireEnum>();
  ASSERT_EQ(static_cast<size_t>(wire.value_count()), values.size()) << wire.full_name();
  int i = 0;
  for (const auto& [value, word] : values) {
    EXPECT_EQ(static_cast<int>(value), wire.value(i)->number()) << wire.value(i)->full_name();
    EXPECT_EQ(ToString(value), word) << wire.value(i)->full_name();
    ++i;
  }
}

TEST(EnumsTest, HaveTheNumbersOfTheWire) {
  ExpectSame<v1::UsageModel, UsageModel>({{UsageModel::kUnspecified, "unspecified"},
                                          {UsageModel::kIncluded, "included"},
                                          {UsageModel::kUsageBased, "usage_based"}});
  ExpectSame<v1::RatingModel, RatingModel>({{RatingModel::kUnspecified, "unspecified"},
                                            {RatingModel::kPerUnit, "per_unit"},
                                            {RatingModel::kPackage, "package"},
                                            {RatingModel::kGraduated, "graduated"},
                                            {RatingModel::kVolume, "volume"}});
  ExpectSame<v1::OveragePolicy, OveragePolicy>({{OveragePolicy::kUnspecified, "unspecified"},
                                                {OveragePolicy::kBlock, "block"},
                                                {OveragePolicy::kCharge, "charge"}});
  ExpectSame<v1::Interval, Interval>({{Interval::kUnspecified, "unspecified"},
                                      {Interval::kHour, "hour"},
                                      {Interval::kDay, "day"},
                                      {Interval::kWeek, "week"},
                                      {Interval::kMonth, "month"},
                                      {Interval::kQuarter, "quarter"},
                                      {Interval::kYear, "year"},
                                      {Interval::kNever, "never"}});
  ExpectSame<v1::InvoiceStatus, InvoiceStatus>({{InvoiceStatus::kUnspecified, "unspecified"},
                                                {InvoiceStatus::kDraft, "draft"},
                                                {InvoiceStatus::kOpen, "open"},
                                                {InvoiceStatus::kPaid, "paid"},
                                                {InvoiceStatus::kVoid, "void"}});
  ExpectSame<v1::InvoiceKind, InvoiceKind>(
      {{InvoiceKind::kUnspecified, "unspecified"}, {InvoiceKind::kInvoice, "invoice"}});
  ExpectSame<v1::LineKind, LineKind>(
      {{LineKind::kUnspecified, "unspecified"}, {LineKind::kUsage, "usage"}});
}

TEST(EnumsTest, OfMeteringCustomersAndCatalogHaveTheNumbersOfTheWire) {
  ExpectSame<v1::TrackCode, TrackCode>(
      {{TrackCode::kUnspecified, "unspecified"},
       {TrackCode::kTracked, "tracked"},
       {TrackCode::kTrackedOverage, "tracked_overage"},
       {TrackCode::kLimitExceeded, "limit_exceeded"},
       {TrackCode::kNoActiveSubscription, "no_active_subscription"},
       {TrackCode::kFeatureNotInPlan, "feature_not_in_plan"},
       {TrackCode::kRejected, "rejected"}});
  ExpectSame<v1::Enforcement, Enforcement>(
      {{Enforcement::kUnspecified, "unspecified"}, {Enforcement::kRecordAlways, "record_always"}});
  ExpectSame<v1::SubscriptionStatus, SubscriptionStatus>(
      {{SubscriptionStatus::kUnspecified, "unspecified"},
       {SubscriptionStatus::kScheduled, "scheduled"},
       {SubscriptionStatus::kActive, "active"},
       {SubscriptionStatus::kEnded, "ended"},
       {SubscriptionStatus::kCanceled, "canceled"}});
  ExpectSame<v1::CatalogKind, CatalogKind>({{CatalogKind::kUnspecified, "unspecified"},
                                            {CatalogKind::kFeature, "feature"},
                                            {CatalogKind::kPlan, "plan"}});
  ExpectSame<v1::CatalogAction, CatalogAction>({{CatalogAction::kUnspecified, "unspecified"},
                                                {CatalogAction::kCreated, "created"},
                                                {CatalogAction::kUpdated, "updated"},
                                                {CatalogAction::kUnchanged, "unchanged"},
                                                {CatalogAction::kArchived, "archived"},
                                                {CatalogAction::kRestored, "restored"}});
  ExpectSame<v1::Scope, Scope>({{Scope::kUnspecified, "unspecified"},
                                {Scope::kTrack, "track"},
                                {Scope::kRead, "read"},
                                {Scope::kBilling, "billing"},
                                {Scope::kAdmin, "admin"},
                                {Scope::kOperator, "operator"}});
  ExpectSame<v1::TenantMode, TenantMode>({{TenantMode::kUnspecified, "unspecified"},
                                          {TenantMode::kLive, "live"},
                                          {TenantMode::kTest, "test"}});
  ExpectSame<v1::TenantStatus, TenantStatus>({{TenantStatus::kUnspecified, "unspecified"},
                                              {TenantStatus::kActive, "active"},
                                              {TenantStatus::kSuspended, "suspended"}});
  ExpectSame<v1::ApiKeyStatus, ApiKeyStatus>({{ApiKeyStatus::kUnspecified, "unspecified"},
                                              {ApiKeyStatus::kActive, "active"},
                                              {ApiKeyStatus::kRevoked, "revoked"},
                                              {ApiKeyStatus::kExpired, "expired"}});
}

}  // namespace
}  // namespace owo
