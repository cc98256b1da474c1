// Bodies that another implementation wrote. The round trips compare two readers of our own declarations; these compare the
// declarations with the world.
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "protocol/messages/create_topics.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/registry.h"
#include "tests/paths.h"
#include "tests/protocol/hex.h"

namespace acklab::protocol {
namespace {

struct Golden {
  std::string kind;  // REQ or RSP
  std::string api;
  std::int16_t version = 0;
  std::string hex;
  std::string source;
};

std::vector<Golden> read_golden() {
  std::ifstream file(std::string(tests::source_dir) + "/tests/protocol/golden/messages.txt");
  std::vector<Golden> all;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    Golden golden;
    words >> golden.kind >> golden.api >> golden.version >> golden.hex;
    std::getline(words, golden.source);
    all.push_back(std::move(golden));
  }
  return all;
}

const Schema* find_schema(const Golden& golden) {
  for (const Api& api : apis()) {
    if (api.name == golden.api) return golden.kind == "REQ" ? &api.request : &api.response;
  }
  return nullptr;
}

Slice body_of(std::string_view source) {
  for (const Golden& golden : read_golden()) {
    if (golden.source.ends_with(source)) return from_hex(golden.hex);
  }
  ADD_FAILURE() << "no golden vector " << source;
  return {};
}

TEST(Golden, BodiesAreReadAndWrittenAgainByteForByte) {
  const std::vector<Golden> all = read_golden();
  EXPECT_GT(all.size(), 40U);

  for (const Golden& golden : all) {
    const Schema* schema = find_schema(golden);
    ASSERT_NE(schema, nullptr) << golden.api;
    ASSERT_TRUE(schema->info.has(golden.version)) << golden.api << " " << golden.version;

    const auto again = schema->recode(from_hex(golden.hex), golden.version);

    ASSERT_TRUE(again.has_value()) << golden.source << ": " << again.error().message();
    EXPECT_EQ(to_hex(again->flatten()), golden.hex) << golden.source;
  }
}

TEST(Golden, FetchResponseMeansWhatItSays) {
  const auto response = decode<FetchResponse>(body_of("preferredReplicaFetchResponseV12"), 12);

  ASSERT_TRUE(response.has_value()) << response.error().message();
  EXPECT_EQ(response->session_id, 172);
  const FetchResponse::Partition& partition = response->topics.at(0).partitions.at(0);
  EXPECT_EQ(response->topics.at(0).topic, "topic");
  EXPECT_EQ(partition.partition_index, 5);
  EXPECT_EQ(partition.error_code, ErrorCode::offset_out_of_range);
  EXPECT_EQ(partition.high_watermark, 0x10101010);
  EXPECT_EQ(partition.last_stable_offset, 0x10101009);
  EXPECT_EQ(partition.log_start_offset, 0x01010101);
  EXPECT_EQ(partition.preferred_read_replica, 3);
}

TEST(Golden, CreateTopicsResponseMeansWhatItSays) {
  const auto response = decode<CreateTopicsResponse>(body_of("createTopicsResponseV5WithTopicConfigError"), 5);

  ASSERT_TRUE(response.has_value()) << response.error().message();
  EXPECT_EQ(response->throttle_time_ms, 100);
  const CreateTopicsResponse::Topic& topic = response->topics.at(0);
  EXPECT_EQ(topic.name, "topic");
  EXPECT_EQ(topic.error_code, ErrorCode::invalid_request);
  EXPECT_EQ(topic.error_message, "msg");
  EXPECT_EQ(topic.num_partitions, 1);
  EXPECT_EQ(topic.replication_factor, 2);
  EXPECT_EQ(topic.configs->at(0).name, "bar");
  EXPECT_EQ(topic.configs->at(0).value, "baz");
  EXPECT_EQ(topic.configs->at(0).config_source, 5);
  EXPECT_EQ(topic.topic_config_error_code, ErrorCode::topic_authorization_failed);
}

}  // namespace
}  // namespace acklab::protocol
