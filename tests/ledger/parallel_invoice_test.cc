// Concurrent invoices: usage is invoiced once, and invoice numbers have no gaps.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/ledger.h"
#include "tests/support/store.h"

namespace owo::ledger {
namespace {

CatalogSpec ParallelInvoiceCatalog() {
  return CatalogOf({PlanOf("pro", {PerUnit("calls", "100", "1"), UsageBased("bytes", "2")}),
                    PlanOf("max", {PerUnit("calls", "200", "1"), UsageBased("bytes", "3")})});
}

TEST(ParallelInvoiceTest, SixtyFourCallsMakeOneInvoice) {
  TestLedger ledger(ParallelInvoiceCatalog());
  ledger.AddCustomer("ada", "pro");
  ledger.Use("ada", "bytes", "21");
  std::atomic<int> made = 0;
  storage::InParallel(64, [&](int) {
    const auto invoice = ledger.Invoice({.customer = "ada"});
    if (!invoice.ok()) {
      EXPECT_THAT(invoice, RefusedAs(Reason::kNoUnbilledUsage));
      return;
    }
    ++made;
    EXPECT_EQ(invoice->value.record.total(), 42);
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(Must(ledger.ListInvoices({.limit = kWholePage})).invoices.size(), 1);
}

TEST(ParallelInvoiceTest, AHundredCustomersGetNumbersWithoutGap) {
  TestLedger ledger(ParallelInvoiceCatalog());
  for (int i = 0; i < 100; ++i) {
    const std::string id = std::to_string(i);
    ledger.AddCustomer(id, "pro");
    ledger.Use(id, "bytes", "1");
  }
  std::mutex mutex;
  std::vector<std::string> numbers;
  storage::InParallel(20, [&](int thread) {
    for (int i = thread; i < 100; i += 20) {
      const storage::InvoiceRecord invoice = ledger.Bill(std::to_string(i));
      const std::lock_guard lock(mutex);
      numbers.push_back(InvoiceNumber(invoice.series(), invoice.sequence()));
    }
  });
  std::sort(numbers.begin(), numbers.end());
  ASSERT_EQ(numbers.size(), 100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(numbers[i], InvoiceNumber("INV", i + 1));
  EXPECT_EQ(numbers.front(), "INV-000001");
  EXPECT_EQ(numbers.back(), "INV-000100");
}

// Concurrent tracking, invoicing, voiding and a change of plan: every unit is billed exactly once.
TEST(ParallelInvoiceTest, NoCentIsLostBetweenTrackingInvoicingAndVoiding) {
  TestLedger ledger(ParallelInvoiceCatalog());
  ledger.AddCustomer("ada", "pro");
  storage::InParallel(6, [&](int thread) {
    if (thread < 3) {
      for (int i = 0; i < 150; ++i) {
        EXPECT_TRUE(ledger.Use("ada", i % 2 == 0 ? "calls" : "bytes", "1").recorded);
      }
      if (thread == 0) ledger.MoveTo("ada", "max");
    } else if (thread < 5) {
      for (int i = 0; i < 40; ++i) {
        const auto invoice = ledger.Invoice({.customer = "ada"});
        if (invoice.ok() && i % 3 == 0) Must(ledger.Void(invoice->value.record));
      }
    } else {
      for (int i = 0; i < 100; ++i) ledger.Unbilled("ada");
    }
  });
  storage::MinorUnits charged = ledger.Unbilled("ada");
  for (const ReadInvoice& invoice : Must(ledger.ListInvoices({.limit = kWholePage})).invoices) {
    if (invoice.record.status() == storage::INVOICE_STATUS_RECORD_VOID) continue;
    charged += invoice.record.total();
  }
  storage::MinorUnits cost = 0;
  uint64_t events = 0;
  for (const UsageRow& row : ledger.History("ada").rows) {
    cost += row.rated.cost;
    events += row.counter.events;
  }
  EXPECT_EQ(events, 450);
  EXPECT_EQ(charged, cost);
}

}  // namespace
}  // namespace owo::ledger
