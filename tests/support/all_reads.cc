#include "tests/support/all_reads.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "storage/convert.h"
#include "tests/support/invoices.h"

namespace owo::storage {
namespace {

constexpr char kMethod[] = "CreateCustomer";
constexpr FeatureNo kOther{2};

// ---- Values as texts.

std::string Show(CustomerNo number) { return absl::StrCat(static_cast<uint64_t>(number)); }
std::string Show(Micros micros) { return absl::StrCat(micros); }
std::string Show(const std::string& bytes) { return bytes; }
std::string Show(const google::protobuf::Message& record) { return record.ShortDebugString(); }
std::string Show(const Customer& customer) {
  return absl::StrCat(Show(customer.record), " | ", Show(customer.contract));
}
std::string Show(const Counter& counter) {
  return absl::StrCat(Show(ToRecord(counter.key)), " | ", Show(ToRecord(counter)));
}
std::string Show(const StoredEvent& event) {
  return absl::StrCat(event.ordinal, " ", event.id_text, " ", PackQuantity(event.quantity), " ",
                      event.time, " ", event.invoice);
}

std::string Show(const PlanVersionHead& head) {
  return absl::StrCat(head.record.ShortDebugString(), " ", head.bytes);
}

template <typename Value>
std::string Show(const std::optional<Value>& value) {
  return value.has_value() ? Show(*value) : "none";
}
template <typename Value>
std::string Show(const std::vector<Value>& values) {
  std::string text = absl::StrCat(values.size(), ":");
  for (const Value& value : values) absl::StrAppend(&text, "\n  ", Show(value));
  return text;
}
std::string Show(const Account& account) {
  return absl::StrCat(account.customer_generation, " ", account.catalog_generation, " ",
                      account.usage_version, " ", account.invoice_version, " ",
                      Show(account.latest_event), " ", Show(account.open), " ",
                      Show(account.asked));
}

std::string Show(const EventList& list) { return Show(list.events); }
std::string Show(const CustomerList& list) {
  return absl::StrCat(Show(list.customers), " ", list.next);
}
std::string Show(const InvoiceList& list) { return absl::StrCat(Show(list.rows), " ", list.next); }

// Makes a read of `call(store, options)`.
template <typename Call>
StoreRead Named(std::string name, Call call) {
  return {.name = std::move(name),
          .answer = [call](const Store& store,
                           const ReadOptions& options) -> std::optional<std::string> {
            const auto answer = call(store, options);
            if (NeedsDisk(answer.status())) return std::nullopt;
            return answer.ok() ? Show(*answer) : answer.status().ToString();
          }};
}

void AddReadsOfTenant(TenantId tenant, std::vector<StoreRead>& reads) {
  const std::string of = absl::StrCat(" of tenant ", static_cast<uint32_t>(tenant));
  reads.push_back(Named("the catalog" + of, [=](const Store& store, const ReadOptions& options) {
    return store.ReadCatalog(options, tenant);
  }));
  reads.push_back(
      Named("the catalog's generation" + of, [=](const Store& store, const ReadOptions& options) {
        return store.CatalogGeneration(options, tenant);
      }));
  for (const uint32_t plan : {1U, 9U}) {
    const std::string name = absl::StrCat(" of plan ", plan, of);
    reads.push_back(Named("versions" + name, [=](const Store& store, const ReadOptions& options) {
      return store.ReadPlanVersions(options, tenant, PlanNo{plan}, 0);
    }));
    for (const uint32_t version : {1U, 9U}) {
      reads.push_back(Named(absl::StrCat("version ", version, name),
                            [=](const Store& store, const ReadOptions& options) {
                              return store.ReadPlanVersion(options, tenant, PlanNo{plan}, version);
                            }));
    }
  }
  reads.push_back(
      Named("the latest event" + of, [=](const Store& store, const ReadOptions& options) {
        return store.LatestEvent(options, tenant);
      }));
  for (const char* const absent : {"no-such", "quiet-0000x", "zzz"}) {
    const std::string name = absl::StrCat(" ", absent, of);
    reads.push_back(Named("customer" + name, [=](const Store& store, const ReadOptions& options) {
      return store.FindCustomer(options, tenant, absent);
    }));
    reads.push_back(Named("email" + name, [=](const Store& store, const ReadOptions& options) {
      return store.FindByEmail(options, tenant, absent, 2);
    }));
    reads.push_back(Named("request" + name, [=](const Store& store, const ReadOptions& options) {
      return store.FindRequest(options, tenant, kMethod, absent, kNow);
    }));
  }
  // After the last, before the first, and between two.
  for (const uint64_t absent : {uint64_t{0}, uint64_t{1} << 40, UINT64_MAX}) {
    reads.push_back(Named(absl::StrCat("invoice ", absent, of),
                          [=](const Store& store, const ReadOptions& options) {
                            return store.ReadInvoice(options, tenant, InvoiceId(absent));
                          }));
    reads.push_back(Named(absl::StrCat("customer number ", absent, of),
                          [=](const Store& store, const ReadOptions& options) {
                            return store.ReadCustomer(options, tenant, CustomerNo{absent});
                          }));
    reads.push_back(Named(absl::StrCat("counters of customer number ", absent, of),
                          [=](const Store& store, const ReadOptions& options) {
                            return store.ListCounters(options, tenant, CustomerNo{absent},
                                                      FeatureNo{}, std::nullopt, 10);
                          }));
  }
}

}  // namespace

void QuietCustomers::Add(Store& store, int count) {
  for (int i = 0; i < count; ++i) AddOne(store);
}

void QuietCustomers::AddOne(Store& store) {
  const std::string name = absl::StrFormat("quiet-%04d", customers_.size());
  Quiet quiet{.id = name,
              .email = name + "@example.com",
              .request = "request-" + name,
              .invoice = InvoiceId(customers_.size() + 1),
              .event = "event-" + name};
  // The first one also creates the catalog.
  if (customers_.empty()) quiet.subject = AddSubject(store, "first");
  PutCustomer put = NewCustomer(quiet.id, quiet.email);
  (*put.record.mutable_metadata())["notes"] = std::string(4000, 'x');
  Mutation mutation = Change(quiet.subject, put);
  mutation.request = {kMethod, quiet.request, "fingerprint", ""};
  const auto added = Commit(store, std::move(mutation));
  ASSERT_TRUE(added.ok() && added->code == MutationCode::kCommitted) << added.status();
  quiet.subject.customer = added->customer;
  const CounterKey other = quiet.subject.Counter(0, kOther);
  TrackAll(store, quiet.subject,
           {quiet.subject.Event(quiet.event, 10),
            quiet.subject.Event(quiet.event + "-other", Units(4), other)});
  MustCreateInvoice(store, quiet.subject, quiet.invoice);
  TrackOne(store, quiet.subject, quiet.subject.Event(quiet.event + "-since", 3));
  customers_.push_back(std::move(quiet));
}

std::vector<StoreRead> QuietCustomers::Reads() const {
  std::vector<StoreRead> reads;
  AddReadsOfTenant(kDefaultTenant, reads);
  AddReadsOfTenant(TenantId{7}, reads);
  for (const Quiet& quiet : customers_) AddReadsOf(quiet, reads);
  return reads;
}

void QuietCustomers::AddReadsOf(const Quiet& quiet, std::vector<StoreRead>& reads) const {
  const TenantId tenant = kDefaultTenant;
  const CustomerNo number = quiet.subject.customer;
  const CounterKey counter = quiet.subject.Counter();
  const auto add = [&](std::string_view name, auto call) {
    reads.push_back(Named(absl::StrCat(std::string(name), " of ", quiet.id), call));
  };
  add("FindCustomer", [=](const Store& store, const ReadOptions& options) {
    return store.FindCustomer(options, tenant, quiet.id);
  });
  add("FindByEmail", [=](const Store& store, const ReadOptions& options) {
    return store.FindByEmail(options, tenant, quiet.email, 2);
  });
  add("ReadCustomer", [=](const Store& store, const ReadOptions& options) {
    return store.ReadCustomer(options, tenant, number);
  });
  add("ReadCustomer, its own metadata", [=](const Store& store, const ReadOptions& options) {
    return store.ReadCustomer(options, tenant, number, {.subscriptions = false});
  });
  add("ReadCustomer, no metadata", [=](const Store& store, const ReadOptions& options) {
    return store.ReadCustomer(options, tenant, number, {.metadata = false});
  });
  add("ReadMetadata", [=](const Store& store, const ReadOptions& options) {
    return store.ReadMetadata(options, tenant, number, 1);
  });
  add("CustomerGeneration", [=](const Store& store, const ReadOptions& options) {
    return store.CustomerGeneration(options, tenant, number);
  });
  add("ListCustomers", [=](const Store& store, const ReadOptions& options) {
    return store.ListCustomers(options, tenant, {.after = quiet.id, .limit = 3});
  });
  add("ReadAccount", [=](const Store& store, const ReadOptions& options) {
    return store.ReadAccount(options, tenant, number, {});
  });
  add("ReadAccount, asked", [=](const Store& store, const ReadOptions& options) {
    CounterKey absent = counter;
    absent.segment = 5;
    const CounterKey asked[] = {absent, counter, quiet.subject.Counter(0, kOther)};
    return store.ReadAccount(options, tenant, number, asked);
  });
  add("ListCounters", [=](const Store& store, const ReadOptions& options) {
    return store.ListCounters(options, tenant, number, FeatureNo{}, std::nullopt, 10);
  });
  add("ListCounters, one", [=](const Store& store, const ReadOptions& options) {
    return store.ListCounters(options, tenant, number, kOther, std::nullopt, 1);
  });
  add("ListCounters, before", [=](const Store& store, const ReadOptions& options) {
    const CounterKey before = quiet.subject.Counter(0, kOther);
    return store.ListCounters(options, tenant, number, FeatureNo{}, before, 10);
  });
  add("ReadInvoice", [=](const Store& store, const ReadOptions& options) {
    return store.ReadInvoice(options, tenant, quiet.invoice);
  });
  add("ListInvoices", [=](const Store& store, const ReadOptions& options) {
    return store.ListInvoices(options, tenant, {.customer = number, .limit = 10});
  });
  add("ListInvoices, before", [=](const Store& store, const ReadOptions& options) {
    return store.ListInvoices(options, tenant,
                              {.customer = number, .before = quiet.invoice, .limit = 10});
  });
  add("ListInvoices, all", [=](const Store& store, const ReadOptions& options) {
    return store.ListInvoices(options, tenant, {.before = quiet.invoice, .limit = 3});
  });
  add("FindRequest", [=](const Store& store, const ReadOptions& options) {
    return store.FindRequest(options, tenant, kMethod, quiet.request, kNow);
  });
  add("ListEvents", [=](const Store& store, const ReadOptions& options) {
    return store.ListEvents(options, tenant, counter, {.range = {0, UINT64_MAX}, .limit = 10});
  });
  reads.back().always_needs_disk = true;
}

void QuietCustomers::ExpectDuplicates(Store& store) const {
  for (const Quiet& quiet : customers_) {
    const TrackOutcome outcome =
        TrackOne(store, quiet.subject, quiet.subject.Event(quiet.event, 10));
    EXPECT_TRUE(outcome.duplicate) << quiet.event;
  }
}

}  // namespace owo::storage
