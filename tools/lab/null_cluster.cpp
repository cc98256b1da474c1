#include "tools/lab/null_cluster.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

#include "protocol/check.h"
#include "tools/lab/clock.h"
#include "tools/lab/loopback.h"

namespace acklab::lab {
namespace {

constexpr std::size_t small_bytes = 64;  // an answer, a fetch

void send_all(int socket, std::size_t bytes, const std::vector<char>& from) {
  for (std::size_t sent = 0; sent < bytes;) {
    const ssize_t done = send(socket, from.data() + sent, bytes - sent, MSG_NOSIGNAL);
    CHECK(done > 0);
    sent += static_cast<std::size_t>(done);
  }
}

void receive_all(int socket, std::size_t bytes, std::vector<char>& into) {
  CHECK(recv(socket, into.data(), bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes));
}

}  // namespace

double null_cluster_batches_a_second(std::size_t batch_bytes, int in_flight, int batches) {
  const LoopbackPair producer;
  const std::array<LoopbackPair, 2> followers;
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    std::vector<char> batch(batch_bytes);
    for (int i = 0; i < batches; ++i) {
      receive_all(producer.server(), batch_bytes, batch);
      for (const LoopbackPair& follower : followers) send_all(follower.server(), batch_bytes, batch);
      for (const LoopbackPair& follower : followers) receive_all(follower.server(), small_bytes, batch);
      send_all(producer.server(), small_bytes, batch);
    }
  });
  for (const LoopbackPair& follower : followers) {
    threads.emplace_back([&] {
      std::vector<char> batch(batch_bytes);
      for (int i = 0; i < batches; ++i) {
        receive_all(follower.client(), batch_bytes, batch);
        send_all(follower.client(), small_bytes, batch);
      }
    });
  }

  std::vector<char> batch(std::max(batch_bytes, small_bytes), 'x');
  const double began = seconds_on(CLOCK_MONOTONIC);
  for (int sent = 0, answered = 0; answered < batches; ++answered) {
    for (; sent < batches && sent < answered + in_flight; ++sent) send_all(producer.client(), batch_bytes, batch);
    receive_all(producer.client(), small_bytes, batch);
  }
  const double seconds = seconds_on(CLOCK_MONOTONIC) - began;
  for (std::thread& thread : threads) thread.join();
  return batches / seconds;
}

}  // namespace acklab::lab
