// Creating an invoice is one step: lines, number, and coverage of counters. Voiding removes the
// coverage.

#include <algorithm>
#include <mutex>

#include "tests/storage/contract/store_contract.h"
#include "tests/support/invoices.h"

namespace owo::storage {
namespace {

using ::testing::ElementsAre;

class InvoicesContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    subject_ = AddSubject(store(), "acme");
  }
  void Track(std::string_view id, int64_t quantity) {
    EXPECT_EQ(TrackOne(store(), subject_, subject_.Event(id, quantity)).code, TrackCode::kCounted);
  }
  CreateInvoice InvoiceAs(uint64_t number) {
    return InvoiceAll(subject_, ReadAccount(store(), subject_), InvoiceId(number));
  }
  absl::StatusOr<MutationResult> Put(decltype(Mutation::change) change) {
    return Commit(store(), Change(subject_, std::move(change)));
  }
  Counter Read() { return ReadCounter(store(), subject_, subject_.Counter()); }
  InvoiceRecord ReadInvoice(uint64_t number) {
    auto invoice = store().ReadInvoice(kReadAll, subject_.tenant, InvoiceId(number));
    EXPECT_TRUE(invoice.ok() && invoice->has_value());
    return invoice.ok() ? InRow(invoice->value_or("")) : InvoiceRecord();
  }

  Subject subject_;
};
OWO_FOR_EVERY_STORE(InvoicesContract);

TEST_P(InvoicesContract, MakingOneCoversItsUsageAndNumbersIt) {
  Track("e1", 5);
  Track("e2", 7);
  const auto made = Put(InvoiceAs(1));
  ASSERT_THAT(made, Answers(MutationCode::kCommitted));
  EXPECT_EQ(InRow(made->invoice).sequence(), 1);
  EXPECT_EQ(InRow(made->invoice).revision(), 1);
  EXPECT_EQ(InRow(made->invoice).subtotal(), 12);

  Reopen();
  EXPECT_EQ(ReadInvoice(1).SerializeAsString(), made->invoice);
  const Coverage covered = Read().covered;
  EXPECT_EQ(covered.usage, Units(12));
  EXPECT_EQ(covered.billable, Units(12));
  EXPECT_EQ(covered.amount, 12);
  EXPECT_THAT(covered.ranges, ElementsAre(OrdinalRange{0, 2}));
  EXPECT_THAT(covered.tiers, ElementsAre(TierUse{.tier = 0, .quantity = Units(12)}));
  EXPECT_EQ(ReadAccount(store(), subject_).invoice_version, 1);
}

TEST_P(InvoicesContract, TrackingDoesNotDisturbTheMakingOfAnInvoice) {
  Track("e1", 5);
  const CreateInvoice create = InvoiceAs(1);
  Track("e2", 7);
  ASSERT_THAT(Put(create), Answers(MutationCode::kCommitted));
  EXPECT_EQ(Read().covered.usage, Units(5));
  EXPECT_EQ(Read().total, Units(12));
  EXPECT_EQ(InvoiceAs(2).invoice.subtotal(), 7);
}

TEST_P(InvoicesContract, AnotherInvoiceOfTheCustomerIsAConflict) {
  Track("e1", 5);
  const CreateInvoice outdated = InvoiceAs(2);
  MustCreateInvoice(store(), subject_, InvoiceId(1));
  EXPECT_THAT(Put(outdated), Answers(MutationCode::kConflict));
  EXPECT_FALSE(store().ReadInvoice(kReadAll, subject_.tenant, InvoiceId(2))->has_value());
  EXPECT_THAT(Read().covered.ranges, ElementsAre(OrdinalRange{0, 1}));
}

TEST_P(InvoicesContract, AVoidBetweenReadingAndMakingIsAConflict) {
  Track("e1", 5);
  const InvoiceRecord first = MustCreateInvoice(store(), subject_, InvoiceId(1));
  Track("e2", 5);
  const CreateInvoice outdated = InvoiceAs(2);
  MustChange(store(), subject_, Become(first, INVOICE_STATUS_RECORD_VOID));
  EXPECT_THAT(Put(outdated), Answers(MutationCode::kConflict));
}

TEST_P(InvoicesContract, OneOfManyParallelCallsMakesTheInvoice) {
  Track("e1", 5);
  std::atomic<int> made = 0;
  InParallel(32, [&](int i) {
    const auto result = Put(InvoiceAs(static_cast<uint64_t>(i) + 1));
    // A read after the invoice was created finds nothing to invoice.
    if (IsCommitted(result) && InRow(result->invoice).subtotal() > 0) ++made;
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(Read().covered.amount, 5);
}

TEST_P(InvoicesContract, NumbersHaveNoGapWhenManyCustomersAreInvoicedAtOnce) {
  constexpr int kCustomers = 100;
  std::vector<Subject> subjects;
  for (int i = 0; i < kCustomers; ++i) {
    subjects.push_back(AddSubject(store(), "customer-" + std::to_string(i)));
    TrackOne(store(), subjects.back(), subjects.back().Event("e" + std::to_string(i), 1));
  }
  std::mutex mutex;
  std::vector<uint64_t> numbers;
  InParallel(10, [&](int caller) {
    for (int i = caller; i < kCustomers; i += 10) {
      const InvoiceRecord invoice = MustCreateInvoice(store(), subjects[static_cast<size_t>(i)],
                                                      InvoiceId(static_cast<uint64_t>(i)));
      const std::lock_guard lock(mutex);
      numbers.push_back(invoice.sequence());
    }
  });
  std::sort(numbers.begin(), numbers.end());
  ASSERT_EQ(numbers.size(), kCustomers);
  for (size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], i + 1);
}

TEST_P(InvoicesContract, AConflictTakesNoNumber) {
  Track("e1", 5);
  CreateInvoice conflicting = InvoiceAs(9);
  conflicting.invoice_version = 7;
  EXPECT_THAT(Put(conflicting), Answers(MutationCode::kConflict));
  Reopen();
  EXPECT_EQ(MustCreateInvoice(store(), subject_, InvoiceId(1)).sequence(), 1);
}

TEST_P(InvoicesContract, SeriesAndTenantsCountForThemselves) {
  Track("e1", 5);
  EXPECT_EQ(MustCreateInvoice(store(), subject_, InvoiceId(1)).sequence(), 1);
  Track("e2", 5);
  CreateInvoice other_series = InvoiceAs(2);
  other_series.invoice.set_series("TEST");
  EXPECT_EQ(InRow(Put(other_series)->invoice).sequence(), 1);
  Track("e3", 5);
  EXPECT_EQ(MustCreateInvoice(store(), subject_, InvoiceId(3)).sequence(), 2);
  Track("e4", 5);
  other_series = InvoiceAs(4);
  other_series.invoice.set_series("TEST");
  EXPECT_EQ(InRow(Put(other_series)->invoice).sequence(), 2);

  const Subject other = AddSubject(store(), "acme", TenantId{2});
  TrackOne(store(), other, other.Event("e1", 5));
  EXPECT_EQ(MustCreateInvoice(store(), other, InvoiceId(1)).sequence(), 1);
}

TEST_P(InvoicesContract, ADraftGetsItsNumberWhenItBecomesOpen) {
  Track("e1", 5);
  CreateInvoice create = InvoiceAs(1);
  create.invoice.set_status(INVOICE_STATUS_RECORD_DRAFT);
  const auto draft = Put(create);
  ASSERT_THAT(draft, Answers(MutationCode::kCommitted));
  EXPECT_EQ(InRow(draft->invoice).sequence(), 0);
  EXPECT_EQ(Read().covered.amount, 5);

  Track("e2", 5);
  EXPECT_EQ(MustCreateInvoice(store(), subject_, InvoiceId(2)).sequence(), 1);
  const InvoiceRecord open =
      MustChange(store(), subject_, Become(InRow(draft->invoice), INVOICE_STATUS_RECORD_OPEN));
  EXPECT_EQ(open.sequence(), 2);
  EXPECT_EQ(open.revision(), 2);
  const InvoiceRecord paid =
      MustChange(store(), subject_, Become(open, INVOICE_STATUS_RECORD_PAID));
  EXPECT_EQ(paid.sequence(), 2);
  EXPECT_EQ(ReadInvoice(1).status(), INVOICE_STATUS_RECORD_PAID);
  EXPECT_EQ(ReadAccount(store(), subject_).invoice_version, 2);
}

TEST_P(InvoicesContract, VoidingReturnsTheUsageToTheNextInvoice) {
  Track("e1", 5);
  const InvoiceRecord first = MustCreateInvoice(store(), subject_, InvoiceId(1));
  Track("e2", 7);
  MustCreateInvoice(store(), subject_, InvoiceId(2));
  MustChange(store(), subject_, Become(first, INVOICE_STATUS_RECORD_VOID));
  EXPECT_EQ(Read().covered.usage, Units(7));
  EXPECT_EQ(Read().covered.amount, 7);
  EXPECT_THAT(Read().covered.ranges, ElementsAre(OrdinalRange{1, 2}));

  Reopen();
  const InvoiceRecord again = MustCreateInvoice(store(), subject_, InvoiceId(3));
  EXPECT_EQ(again.subtotal(), 5);
  EXPECT_EQ(again.sequence(), 3);
  ASSERT_EQ(again.lines_size(), 1);
  EXPECT_THAT(again.lines(0).covers().ranges(), ElementsAre(0, 1));
  EXPECT_THAT(Read().covered.ranges, ElementsAre(OrdinalRange{0, 2}));
}

TEST_P(InvoicesContract, VoidingTheOnlyInvoiceLeavesNothingCovered) {
  Track("e1", 5);
  CreateInvoice create = InvoiceAs(1);
  create.invoice.set_status(INVOICE_STATUS_RECORD_DRAFT);
  const auto draft = Put(create);
  ASSERT_THAT(draft, Answers(MutationCode::kCommitted));
  MustChange(store(), subject_, Become(InRow(draft->invoice), INVOICE_STATUS_RECORD_VOID));
  EXPECT_EQ(Read().covered, Coverage{});
  EXPECT_EQ(ReadAccount(store(), subject_).invoice_version, 2);
  EXPECT_EQ(ReadInvoice(1).sequence(), 0);
}

TEST_P(InvoicesContract, OneOfTenConcurrentPaymentsSettles) {
  Track("e1", 5);
  const InvoiceRecord open = MustCreateInvoice(store(), subject_, InvoiceId(1));
  std::atomic<int> settled = 0;
  InParallel(10, [&](int i) {
    UpdateInvoice pay = Become(open, INVOICE_STATUS_RECORD_PAID);
    pay.invoice.add_payments()->set_reference("payment-" + std::to_string(i));
    if (IsCommitted(Put(pay))) ++settled;
  });
  EXPECT_EQ(settled, 1);
  EXPECT_EQ(ReadInvoice(1).payments_size(), 1);
}

TEST_P(InvoicesContract, PaymentAndVoidAtOnceEndAsOneOfThem) {
  Track("e1", 5);
  const InvoiceRecord open = MustCreateInvoice(store(), subject_, InvoiceId(1));
  std::atomic<int> committed = 0;
  InParallel(2, [&](int i) {
    const auto status = i == 0 ? INVOICE_STATUS_RECORD_PAID : INVOICE_STATUS_RECORD_VOID;
    if (IsCommitted(Put(Become(open, status)))) ++committed;
  });
  EXPECT_EQ(committed, 1);
  const bool is_void = ReadInvoice(1).status() == INVOICE_STATUS_RECORD_VOID;
  EXPECT_EQ(Read().covered.amount, is_void ? 0 : 5);
}

TEST_P(InvoicesContract, AChangeOfNoInvoiceIsAConflict) {
  InvoiceRecord nowhere;
  nowhere.set_id(InvoiceId(9));
  nowhere.set_customer(1);
  EXPECT_THAT(Put(Become(nowhere, INVOICE_STATUS_RECORD_PAID)), Answers(MutationCode::kConflict));
}

}  // namespace
}  // namespace owo::storage
