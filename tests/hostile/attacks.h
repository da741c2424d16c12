// What hostile peers do to an HTTP/2 server. Each attack goes on until it is told to stop, and
// opens a new connection when the server has closed one.
//
//   for (const Attack& attack : Attacks()) {
//     std::atomic<bool> stop = false;
//     std::jthread peer([&] { attack.run(endpoint, stop); });
//     …
//     stop = true;
//   }

#ifndef OWO_TESTS_HOSTILE_ATTACKS_H_
#define OWO_TESTS_HOSTILE_ATTACKS_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace owo {

// Peers come from this address, so that bounds per address do not hit anyone else.
inline constexpr char kHostileAddress[] = "127.0.0.2";

struct Attack {
  std::string name;
  std::function<void(const std::string& endpoint, const std::atomic<bool>& stop)> run;
};

std::vector<Attack> Attacks();

// A message as gRPC sends it, compressed by gzip, that inflates to `mib` MiB of zeros.
std::string GzipBomb(size_t mib);

}  // namespace owo

#endif  // OWO_TESTS_HOSTILE_ATTACKS_H_
