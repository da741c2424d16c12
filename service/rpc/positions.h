// Where a list of usage or events goes on, as the text inside a page token.
//
//   PositionOf(row.counter.key)            // "7 2 4 20758 0"
//   ParseCounterPosition("7 2 4 20758 0")  // the key

#ifndef OWO_SERVICE_RPC_POSITIONS_H_
#define OWO_SERVICE_RPC_POSITIONS_H_

#include <optional>
#include <string>
#include <string_view>

#include "service/ledger/metering.h"

namespace owo::rpc {

std::string PositionOf(const storage::CounterKey& key);
std::optional<storage::CounterKey> ParseCounterPosition(std::string_view position);

// An event within a counter: "7 2 4 20758 0 311".
std::string PositionOf(const ledger::CounterPlace& place);
std::optional<ledger::CounterPlace> ParseCounterPlace(std::string_view position);

// An event within a line: "1 311".
std::string PositionOf(const ledger::LinePlace& place);
std::optional<ledger::LinePlace> ParseLinePlace(std::string_view position);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_POSITIONS_H_
