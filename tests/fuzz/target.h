// What is fuzzed. Each target takes any bytes and checks what must hold whatever they are: no crash, no undefined behaviour, no memory
// for what was only announced, and an answer that agrees with itself. A CHECK that fails is the finding.
//
// libfuzzer/main.cpp looks for such bytes; corpus_test.cpp tries the seeds, damaged ones, and what was found before (corpus/TARGET/), in
// every build.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace acklab::fuzz {

using Input = std::span<const std::byte>;

struct Target {
  std::string_view name;
  void (*run)(Input input);
  // Inputs that reach deep: valid ones, made by the code that writes such bytes.
  std::vector<std::string> (*seeds)();
};

std::span<const Target> targets();
const Target* target_named(std::string_view name);

// The targets, a file each.
void run_framing(Input input);
std::vector<std::string> framing_seeds();
void run_requests(Input input);
std::vector<std::string> request_seeds();
void run_record_batches(Input input);
std::vector<std::string> record_batch_seeds();
void run_message_sets(Input input);
std::vector<std::string> message_set_seeds();
void run_decompression(Input input);
std::vector<std::string> decompression_seeds();
void run_recovery(Input input);
std::vector<std::string> recovery_seeds();
void run_indexes(Input input);
std::vector<std::string> index_seeds();
void run_checkpoints(Input input);
std::vector<std::string> checkpoint_seeds();
void run_captures(Input input);
std::vector<std::string> capture_seeds();
void run_dissection(Input input);
std::vector<std::string> dissection_seeds();
void run_scenarios(Input input);
std::vector<std::string> scenario_seeds();

// For their writers: the input from the front.
class Reader {
 public:
  explicit Reader(Input input) : input_(input) {}

  // 0 at the end.
  std::uint8_t byte() {
    if (input_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(input_.front());
    input_ = input_.subspan(1);
    return first;
  }
  bool empty() const { return input_.empty(); }
  Input rest() const { return input_; }
  // Fewer at the end.
  Input take(std::size_t bytes) {
    const Input taken = input_.first(std::min(bytes, input_.size()));
    input_ = input_.subspan(taken.size());
    return taken;
  }

 private:
  Input input_;
};

inline std::string_view text_of(Input input) { return {reinterpret_cast<const char*>(input.data()), input.size()}; }

}  // namespace acklab::fuzz
