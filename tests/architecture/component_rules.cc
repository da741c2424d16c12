#include "tests/architecture/component_rules.h"

#include <algorithm>
#include <map>

#include "tests/architecture/include_rules.h"

namespace owo::architecture {
namespace {

// "storage/a" of "storage/a.h".
std::string_view ComponentOf(std::string_view path) { return path.substr(0, path.rfind('.')); }

struct Include {
  const SourceFile* file;
  size_t line;
};

struct Component {
  enum class State { kNew, kOpen, kDone };

  // Includes of other components: the first include of each.
  std::map<std::string_view, Include> includes;
  State state = State::kNew;
};

using Components = std::map<std::string_view, Component>;

Components ReadComponents(const std::vector<SourceFile>& tree) {
  Components components;
  for (const SourceFile& file : tree) {
    if (HasExtension(file, {".h", ".cc"})) components[ComponentOf(file.path)];
  }
  for (const SourceFile& file : tree) {
    if (!HasExtension(file, {".h", ".cc"})) continue;
    const std::string_view own = ComponentOf(file.path);
    const std::vector<std::string_view> lines = Lines(file.text);
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::string_view other = ComponentOf(Included(lines[i]));
      const auto found = components.find(other);
      if (other == own || found == components.end()) continue;
      components[own].includes.try_emplace(found->first, Include{&file, i + 1});
    }
  }
  return components;
}

// A depth-first search. Reaching a component that is still open closes a cycle.
class Search {
 public:
  explicit Search(Components components) : components_(std::move(components)) {}

  Violations Run() {
    for (auto& [name, component] : components_) Visit(name, component);
    return std::move(violations_);
  }

 private:
  void Visit(std::string_view name, Component& component) {
    if (component.state != Component::State::kNew) return;
    component.state = Component::State::kOpen;
    path_.push_back(name);
    for (const auto& [other, include] : component.includes) {
      Component& next = components_.at(other);
      if (next.state == Component::State::kOpen) {
        Report(other, include);
      } else {
        Visit(other, next);
      }
    }
    path_.pop_back();
    component.state = Component::State::kDone;
  }

  void Report(std::string_view first, const Include& closing) {
    std::string cycle;
    for (auto at = std::find(path_.begin(), path_.end(), first); at != path_.end(); ++at) {
      cycle.append(*at).append(" → ");
    }
    violations_.push_back(
        At(*closing.file, closing.line, "a cycle of components: " + cycle.append(first)));
  }

  Components components_;
  std::vector<std::string_view> path_;  // open components; each includes the next
  Violations violations_;
};

}  // namespace

Violations CheckComponents(const std::vector<SourceFile>& tree) {
  return Search(ReadComponents(tree)).Run();
}

}  // namespace owo::architecture
