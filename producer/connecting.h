// How a connection to a broker is made, for whoever makes one.
#pragma once

#include "producer/config.h"
#include "producer/retry.h"
#include "protocol/runtime/random.h"
#include "protocol/runtime/request_channel.h"

namespace acklab::producer {

// `failed`: how many attempts to connect to it failed in a row. Each failure doubles the time that the next one has (KIP-601).
inline protocol::RequestChannel::Options channel_options(const ProducerConfig& config, int failed, protocol::Random& random) {
  return {.client_id = config.client_id,
          .request_timeout = config.request_timeout,
          .connect_timeout = back_off(failed + 1, config.connection_setup_timeout, config.connection_setup_timeout_max, random)};
}

}  // namespace acklab::producer
