// Customers that are set up once and then left alone, and everything that can be read of them.
// What a read answers must be the same in every later life of the server.
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

// Makes the features and plans that quiet customers use.
void SyncQuietCatalog(const Channel& channel);

class QuietCustomers {
 public:
  // Makes one customer of each kind, with ids that begin with `name`, and remembers what every read
  // of them answers.
  void Add(const std::string& name, const Channel& channel);

  // Reads all of them, in an order of chance, each read in an order of chance, and expects the
  // remembered answers. At most `limit` customers: the oldest ones and some others.
  void ExpectUnchanged(const Channel& channel, Random& random, size_t limit) const;

  // Repeats what made them: every event is a duplicate, every request is replayed.
  void ExpectRepeatsKnown(const Channel& channel, Random& random, size_t limit) const;

  // Bills and settles all of them: what was unbilled, and nothing else, is billed.
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
