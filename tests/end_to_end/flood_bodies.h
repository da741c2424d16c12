// The requests of every kind that take the most memory for their size, and the customers that they
// concern.
//
//   ASSERT_NO_FATAL_FAILURE(AddLargeCustomers(owo));
//   for (const FloodBody& body : WriteBodies()) … connection.OpenCalls(body.path, body.make(i), 1);

#ifndef OWO_TESTS_END_TO_END_FLOOD_BODIES_H_
#define OWO_TESTS_END_TO_END_FLOOD_BODIES_H_

#include <functional>
#include <string>
#include <vector>

#include "client/cpp/owostack.h"

namespace owo {

struct FloodBody {
  std::string name;
  std::string path;                      // "Metering/ListUsage"
  std::function<std::string(int)> make;  // the bytes of the i-th request
  int calls_max = 100;                   // of a connection; fewer where each takes long
};

// Customers with as much metadata as they may have, some of them with many subscriptions, and one
// with tens of thousands of open counters.
void AddLargeCustomers(const Owostack& owo);

// REQUIRES: AddMeteredCustomer() and AddLargeCustomers().
std::vector<FloodBody> ReadBodies();
std::vector<FloodBody> WriteBodies();

}  // namespace owo

#endif  // OWO_TESTS_END_TO_END_FLOOD_BODIES_H_
