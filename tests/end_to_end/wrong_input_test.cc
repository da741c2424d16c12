// Wrong input gets the documented code, reason and field, changes nothing, and does not stop the
// server. The cases are in wrong_inputs.txt.

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/end_to_end/generic_client.h"
#include "tests/end_to_end/late_call.h"
#include "tests/end_to_end/server_process.h"
#include "tests/support/temp_dir.h"

namespace owo {
namespace {
using Row = std::vector<std::string>;
std::map<std::string, std::vector<Row>> ReadTables() {
  std::map<std::string, std::vector<std::string>> sections;
  std::vector<std::string>* rows = nullptr;
  std::ifstream file(OWO_WRONG_INPUTS);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == '[') {
      rows = &sections[line.substr(1, line.size() - 2)];
    } else if (line[0] == ' ') {
      rows->back() += line.substr(line.find_first_not_of(' ') - 1);
    } else {
      rows->push_back(line);
    }
  }
  std::map<std::string, std::vector<Row>> tables;
  for (const auto& [name, lines] : sections) {
    for (const std::string& line : lines) tables[name].push_back(absl::StrSplit(line, " | "));
  }
  return tables;
}

// Returns the code that the API documents for a reason.
std::string CodeOf(const std::string& reason) {
  static const auto* const kCodes =
      new std::map<std::string, std::string>{{"INVALID_REQUEST", "INVALID_ARGUMENT"},
                                             {"REQUEST_ID_REUSED", "ALREADY_EXISTS"},
                                             {"CUSTOMER_NOT_FOUND", "NOT_FOUND"},
                                             {"CUSTOMER_AMBIGUOUS", "FAILED_PRECONDITION"},
                                             {"CUSTOMER_EXISTS", "ALREADY_EXISTS"},
                                             {"EVENT_ID_REUSED", "ALREADY_EXISTS"},
                                             {"EVENT_IN_FUTURE", "OUT_OF_RANGE"},
                                             {"EVENT_TOO_OLD", "OUT_OF_RANGE"},
                                             {"FEATURE_NOT_FOUND", "NOT_FOUND"},
                                             {"SUBSCRIPTION_NOT_FOUND", "NOT_FOUND"},
                                             {"SUBSCRIPTION_CONFLICT", "FAILED_PRECONDITION"},
                                             {"USAGE_AFTER_CHANGE", "FAILED_PRECONDITION"},
                                             {"PLAN_NOT_FOUND", "NOT_FOUND"},
                                             {"CURRENCY_MISMATCH", "FAILED_PRECONDITION"},
                                             {"PLAN_IMMUTABLE", "FAILED_PRECONDITION"},
                                             {"FEATURE_IN_USE", "FAILED_PRECONDITION"},
                                             {"CATALOG_TOO_LARGE", "FAILED_PRECONDITION"},
                                             {"QUANTITY_OUT_OF_RANGE", "OUT_OF_RANGE"},
                                             {"NO_UNBILLED_USAGE", "FAILED_PRECONDITION"},
                                             {"CREDIT_BALANCE", "FAILED_PRECONDITION"},
                                             {"INVOICE_NOT_FOUND", "NOT_FOUND"},
                                             {"LINE_NOT_FOUND", "NOT_FOUND"},
                                             {"INVOICE_STATUS_CONFLICT", "FAILED_PRECONDITION"}};
  return kCodes->at(reason);
}

// Returns a list of `count` copies of `one`, without brackets.
std::string Many(int count, const std::string& one) {
  std::string list;
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&list, i == 0 ? "" : ", ", absl::StrReplaceAll(one, {{"#", absl::StrCat(i)}}));
  }
  return list;
}

// The replacements of the words in angle brackets.
std::map<std::string, std::string> Words() {
  const auto time = [](absl::Duration from_now) {
    return absl::FormatTime(absl::RFC3339_full, absl::Now() + from_now, absl::UTCTimeZone());
  };
  return {
      {"<36 days ago>", time(-absl::Hours(36 * 24))},
      {"<a day ago>", time(-absl::Hours(24))},
      {"<two hours ago>", time(-absl::Hours(2))},
      {"<an hour ago>", time(-absl::Hours(1))},
      {"<in 10 minutes>", time(absl::Minutes(10))},
      {"<in a day>", time(absl::Hours(24))},
      {"<255 bytes>", std::string(255, 'x')},
      {"<1,001 bytes>", std::string(1001, 'x')},
      {"<10,000 digits>", std::string(10'000, '1')},
      {"<51 entries>", Many(51, R"("key #": "value")")},
      {"<1,001 events>",
       Many(1001, R"({"customer": "acme", "feature": "calls", "quantity": "1"})")},
      {"<999 events of 10^12 bytes>",
       Many(999, R"({"customer": "acme", "feature": "bytes", "quantity": "1000000000000"})")},
      {"<1,001 features>", Many(1001, R"({"slug": "feature-#", "name": "Feature"})")},
  };
}

// Adds a field with an id to the request, unless it has that field.
std::string WithId(const std::string& request, const std::string& field, const std::string& id) {
  if (absl::StrContains(request, "\"" + field + "\"")) return request;
  return absl::StrCat("{\"", field, "\": \"", id, "\"", request == "{}" ? "" : ", ",
                      request.substr(1));
}

class WrongInputTest : public ::testing::Test {
 protected:
  explicit WrongInputTest(const std::vector<std::string>& flags = {})
      : server_(dir_.path(), flags) {
    for (const std::string& service : client_.Services()) {
      // The Admin service needs a key: tests/server/who_may_call_test.cc, tests/access.
      if (!absl::StartsWith(service, "owo.billing.v1.") || absl::EndsWith(service, ".Admin"))
        continue;
      for (const std::string& method : client_.Methods(service)) {
        methods_[std::vector<std::string>(absl::StrSplit(method, '/'))[1]] = method;
      }
    }
    for (const Row& row : tables_.at("world")) Do(row[0], row[1]);
    const Json page = Do("ListInvoices", R"({"page_size": 1})");
    words_["<token of all invoices>"] = page["next_page_token"];
    world_ = Everything();
  }
  Answer Call(const std::string& method, const std::string& request,
              const CallOptions& options = {}) {
    return client_.Call(methods_.at(method), absl::StrReplaceAll(request, words_), options);
  }

  // Makes a call that must succeed.
  Json Do(const std::string& method, const std::string& request) {
    const Answer answer = Call(method, request);
    EXPECT_EQ(answer.code, "OK") << method << " " << request << ": " << answer.message;
    if (method == "Invoice" && answer.code == "OK") {
      constexpr const char* kNames[] = {"paid", "open", "other", "draft", "void", "last"};
      words_[absl::StrCat("<", kNames[invoices_++], " invoice>")] = answer.body["invoice.id"];
    }
    return answer.body;
  }

  bool TakesRequestId(const std::string& method) const {
    const std::string name = absl::StrReplaceAll(methods_.at(method), {{"/", "."}});
    return client_.pool().FindMethodByName(name)->input_type()->FindFieldByName("request_id") !=
           nullptr;
  }
  std::string Tried(const std::string& method, const std::string& request) const {
    return TakesRequestId(method) ? WithId(request, "request_id", "tried") : request;
  }

  // Returns everything that calls can change.
  std::string Everything() {
    std::string all;
    for (const char* list : {"ListFeatures", "ListPlans"}) {
      all += Do(list, R"({"include_archived": true})").text();
    }
    for (const char* list : {"ListCustomers", "ListInvoices"}) all += Do(list, "{}").text();
    for (const char* customer : {"acme", "leaver", "planner"}) {
      for (const char* list : {"Usage", "ListUsage", "ListSubscriptions"}) {
        all += Do(list, absl::StrCat(R"({"customer": ")", customer, "\"}")).text();
      }
    }
    return all;
  }

  // `expected` is a reason, optionally followed by a space and the field.
  void ExpectRefused(const std::string& method, const std::string& request,
                     const std::string& expected, const std::string& path = "") {
    const Answer answer = Call(method, request);
    SCOPED_TRACE(absl::StrCat(method, " ", request.substr(0, 300), ": ", answer.message));
    const Row parts = absl::StrSplit(expected, ' ');
    EXPECT_EQ(answer.code, CodeOf(parts[0]));
    EXPECT_EQ(answer.Reason(), parts[0]);
    EXPECT_EQ(answer.Field(), parts.size() == 1 ? "" : path + parts[1]);
    EXPECT_TRUE(Everything() == world_) << "something has changed";
    refused_.insert(method);
  }

  // In a batch, a wrong event is rejected alone, and the answer is OK.
  void ExpectRejected(const std::string& event, const std::string& expected) {
    const Answer answer = Call("TrackBatch", "{\"events\": [" + event + "]}");
    SCOPED_TRACE(absl::StrCat("TrackBatch ", event.substr(0, 300), ": ", answer.body.text()));
    const Row parts = absl::StrSplit(expected, ' ');
    EXPECT_EQ(answer.code, "OK");
    EXPECT_EQ(answer.body["recorded"], "0");
    EXPECT_EQ(answer.body["codes.0"], "TRACK_CODE_REJECTED");
    EXPECT_EQ(answer.body["details.0.error.reason"], "ERROR_REASON_" + parts[0]);
    EXPECT_EQ(answer.body["details.0.error.field"], parts.size() == 1 ? "" : parts[1]);
    EXPECT_TRUE(Everything() == world_) << "something has changed";
  }

  void ExpectEventRefused(const std::string& event, const std::string& expected) {
    ExpectRefused("Track", event, expected);
    ExpectRefused("Check", WithId(event, "track", "true"), expected);
    ExpectRejected(event, expected);
  }

  // Refused calls must not have used up their ids.
  void ExpectRightCallsSucceed() {
    for (const Row& row : tables_.at("right")) {
      const Json answer = Do(row[0], Tried(row[0], row[1]));
      SCOPED_TRACE(row[0]);
      EXPECT_NE(answer["replayed"], "true");
      EXPECT_NE(answer["duplicate"], "true");
      EXPECT_NE(answer["duplicates"], "1");
    }
  }

  const std::map<std::string, std::vector<Row>> tables_ = ReadTables();
  const TempDir dir_;
  ServerProcess server_;
  GenericClient client_{server_.endpoint()};
  std::map<std::string, std::string> methods_;  // "owo.billing.v1.Billing/Usage" of "Usage"
  std::map<std::string, std::string> words_ = Words();
  size_t invoices_ = 0;
  std::string world_;
  std::set<std::string> refused_;  // methods
};

TEST_F(WrongInputTest, IsRefusedForItsReasonAndChangesNothing) {
  for (const Row& row : tables_.at("wrong calls")) {
    const Row methods = absl::StrSplit(row[1], ", ");
    for (const std::string& method : methods) {
      ExpectRefused(method, Tried(method, row[2]), row[0]);
    }
  }
  for (const Row& row : tables_.at("right")) {
    if (!TakesRequestId(row[0])) continue;
    ExpectRefused(row[0], WithId(row[1], "request_id", "<255 bytes>"),
                  "INVALID_REQUEST request_id");
  }
  for (const Row& row : tables_.at("wrong events")) {
    ExpectEventRefused(WithId(row[1], "event_id", "tried"), row[0]);
  }
  const std::string before = R"({"request_id": "tried", "plans": [)";
  for (const Row& row : tables_.at("wrong plans")) {
    ExpectRefused("SyncCatalog", before + row[1] + "]}", row[0], "plans[0].");
  }
  const std::string plan =
      before + R"({"slug": "wrong", "name": "Wrong", "currency": "USD", "features": [)";
  for (const Row& row : tables_.at("wrong terms")) {
    ExpectRefused("SyncCatalog", plan + WithId(row[1], "feature_slug", "calls") + "]}]}", row[0],
                  "plans[0].features[0].");
  }
  for (const auto& [method, name] : methods_) {
    EXPECT_TRUE(refused_.contains(method)) << "no case for " << name;
  }
  ExpectRightCallsSucceed();
}

TEST_F(WrongInputTest, TooMuchOrTooLateChangesNothing) {
  constexpr size_t kTenMegabytes = 10'000'000;
  std::set<std::string> tried;
  for (const Row& row : tables_.at("right")) {
    const std::string request = Tried(row[0], row[1]);
    SCOPED_TRACE(request);
    const Answer large = Call(row[0], request, {.padding = kTenMegabytes});
    EXPECT_EQ(large.code, "RESOURCE_EXHAUSTED");
    EXPECT_EQ(large.Reason(), "");
    const Answer late = Call(row[0], request, {.timeout = std::chrono::milliseconds(-1)});
    EXPECT_EQ(late.code, "DEADLINE_EXCEEDED");
    EXPECT_EQ(late.Reason(), "");
    const std::string& method = methods_.at(row[0]);
    const std::string bytes = client_.Encode(method, absl::StrReplaceAll(request, words_));
    for (int i = 0; i < 10; ++i) LateCall(server_.endpoint(), method, bytes);
    EXPECT_TRUE(Everything() == world_) << "something has changed";
    tried.insert(row[0]);
  }
  EXPECT_EQ(tried.size(), methods_.size()) << "no case for some method";
  ExpectRightCallsSucceed();
}

class NegativeQuantityTest : public WrongInputTest {
 protected:
  NegativeQuantityTest() : WrongInputTest({"--allow_negative_quantities"}) {}
};

TEST_F(NegativeQuantityTest, DoesNotTakeBackMoreThanWasCounted) {
  const std::string calls = R"({"customer": "acme", "feature": "calls", "event_id": "tried", )";
  ExpectEventRefused(calls + R"("quantity": "-50.5"})", "QUANTITY_OUT_OF_RANGE");
  // Invoices now cover more than is left: a credit, for which no invoice can be made.
  Do("Track", calls + R"("quantity": "-50"})");
  world_ = Everything();
  ExpectRefused("Invoice", R"({"customer": "acme"})", "CREDIT_BALANCE");
}

class EventAgeTest : public WrongInputTest {
 protected:
  EventAgeTest() : WrongInputTest({"--event_age_max=3h"}) {}
};

TEST_F(EventAgeTest, IsBoundedAsTheServerWasTold) {
  const std::string calls = R"({"customer": "acme", "feature": "calls", "quantity": "1", )";
  ExpectEventRefused(calls + R"("event_id": "tried", "event_time": "<a day ago>"})",
                     "EVENT_TOO_OLD");
  Do("Track", calls + R"("event_time": "<two hours ago>"})");
}

}  // namespace
}  // namespace owo
