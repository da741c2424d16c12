// Text form of the cursors of usage and event lists, which page tokens contain.
//
//   CursorText(row.counter.key)            // "7 2 4 20758 0"
//   ParseUsageCursor("7 2 4 20758 0")  // the key

#ifndef OWO_SERVICE_RPC_CURSOR_TEXT_H_
#define OWO_SERVICE_RPC_CURSOR_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "service/ledger/metering.h"

namespace owo::rpc {

std::string CursorText(const storage::CounterKey& key);
std::optional<storage::CounterKey> ParseUsageCursor(std::string_view text);

// An event within a counter: "7 2 4 20758 0 311".
std::string CursorText(const ledger::CounterCursor& cursor);
std::optional<ledger::CounterCursor> ParseCounterCursor(std::string_view text);

// An event within a line: "1 311".
std::string CursorText(const ledger::LineCursor& cursor);
std::optional<ledger::LineCursor> ParseLineCursor(std::string_view text);

}  // namespace owo::rpc

#endif  // OWO_SERVICE_RPC_CURSOR_TEXT_H_
