// Customers that are set up once and then not changed, and everything that can be read of them. All
// reads must return the same after every restart of the server.
//
//   QuietCustomers quiet;
//   quiet.Add("first", channel, random);         // one of each kind
//   quiet.ExpectUnchanged(restarted, random);    // every read of each of them
#ifndef OWO_TESTS_END_TO_END_QUIET_CUSTOMERS_H_
#define OWO_TESTS_END_TO_END_QUIET_CUSTOMERS_H_

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "owo/billing/v1/billing.grpc.pb.h"
#include "tests/support/random.h"

namespace owo {

using Channel = std::shared_ptr<grpc::Channel>;

// Creates the features and plans that quiet customers use.
void SyncQuietCatalog(const Channel& channel);

class QuietCustomers {
 public:
  // Creates one customer of each kind, with ids that begin with `name`, and stores the answer to
  // every read of them.
  void Add(const std::string& name, const Channel& channel);

  // Reads the customers and their data in random order, and expects the stored answers. Reads at
  // most `limit` customers: the oldest ones and some others.
  void ExpectUnchanged(const Channel& channel, Random& random, size_t limit) const;

  // Repeats the calls that made them: every event is a duplicate, every request is replayed.
  void ExpectRepeatsKnown(const Channel& channel, Random& random, size_t limit) const;

  // Invoices and settles all of them: exactly what was unbilled is billed.
  void ExpectBillable(const Channel& channel) const;

  size_t size() const { return customers_.size(); }

 private:
  struct Quiet {
    std::string id;
    std::vector<billing::v1::UsageEvent> events;
    std::vector<std::string> invoices;           // their ids
    std::map<std::string, std::string> answers;  // by read
  };

  void AddOne(const std::string& id, size_t kind, const Channel& channel);
  std::vector<const Quiet*> Pick(Random& random, size_t limit) const;

  std::vector<Quiet> customers_;
};

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_QUIET_CUSTOMERS_H_
