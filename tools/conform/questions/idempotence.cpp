// What a leader remembers of each producer, and what it makes of sequence numbers (KIP-98).
#include <limits>

#include "protocol/messages/init_producer_id.h"
#include "tools/conform/fetch_call.h"
#include "tools/conform/list_offsets_call.h"
#include "tools/conform/produce_call.h"
#include "tools/conform/sections.h"

namespace acklab::conform {

using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;

namespace {

constexpr int remembered_batches = 5;
constexpr std::int32_t last_sequence = std::numeric_limits<std::int32_t>::max();

InitProducerIdResponse new_producer(const Witness& witness, const protocol::Address& broker) {
  InitProducerIdRequest request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = 60000;
  const std::int16_t version = witness.version<InitProducerIdRequest>();
  return accepted("InitProducerId", witness.ask<InitProducerIdResponse>(broker, request, version));
}

// A producer with one partition to itself.
class SomeProducer {
 public:
  explicit SomeProducer(Witness& witness)
      : witness_(witness), place_(witness.place()), id_(new_producer(witness, place_.broker).producer_id) {}

  Answer<Produced> send(std::int32_t base_sequence, int records = 1, std::int16_t epoch = 0) const {
    return produce(witness_, place_, from_producer(draft(records), id_, epoch, base_sequence));
  }
  // Batches of one record each, with the sequences from 0 on.
  void send_batches(int count) const {
    for (std::int32_t sequence = 0; sequence < count; ++sequence) accepted("Produce", send(sequence));
  }
  std::int64_t log_end() const { return accepted("ListOffsets", list_offsets(witness_, place_, latest)).offset; }

 private:
  const Witness& witness_;
  Place place_;
  std::int64_t id_;
};

std::string with_offset(const Answer<Produced>& answer) {
  if (!answer) return answer.error();
  return fmt::format("{}, offset {}", code(answer), answer->base_offset);
}

const Question questions[] = {
    {"idempotence.new-producer", "Without a transactional id anyone gets a producer id, and epoch 0.", "KIP-98", "an id, epoch 0",
     [](Witness& witness) {
       const auto answer = new_producer(witness, witness.bootstrap());
       return fmt::format("{}, epoch {}", answer.producer_id >= 0 ? "an id" : "no id", answer.producer_epoch);
     }},
    {"idempotence.ids-differ", "A producer id is given once, whichever broker gives it.", "KIP-98", "all differ",
     [](Witness& witness) {
       std::vector<std::int64_t> ids;
       for (const auto& broker : witness.metadata().brokers) {
         const protocol::Address address{broker.host, static_cast<std::uint16_t>(broker.port)};
         for (int i = 0; i < 3; ++i) ids.push_back(new_producer(witness, address).producer_id);
       }
       std::ranges::sort(ids);
       return std::string(std::ranges::adjacent_find(ids) == ids.end() ? "all differ" : "the same id twice");
     }},
    {"idempotence.duplicate", "A batch that comes again is answered as the first time.", "KIP-98", "NONE, offset 0",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       accepted("Produce", producer.send(0, 2));
       return with_offset(producer.send(0, 2));
     }},
    {"idempotence.appended-once", "A batch that comes again is not appended again.", "KIP-98", "log end 2",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       producer.send(0, 2);
       producer.send(0, 2);
       return fmt::format("log end {}", producer.log_end());
     }},
    {"idempotence.duplicate-time", "That is with the time at which the broker appended it, too.", "KIP-98; KIP-32",
     "the same time",
     [](Witness& witness) {
       const Place place = witness.place({{"message.timestamp.type", "LogAppendTime"}});
       const Draft batch = from_producer(draft(), new_producer(witness, place.broker).producer_id, 0, 0);
       const auto first = accepted("Produce", produce(witness, place, batch)).log_append_time_ms;
       const auto second = accepted("Produce again", produce(witness, place, batch)).log_append_time_ms;
       return std::string(first == second ? "the same time" : "another time");
     }},
    {"idempotence.each-of-five", "Each of the five, not only the oldest or newest.", "KIP-98; KAFKA-5494", "offsets 0 1 2 3 4",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       producer.send_batches(remembered_batches);
       std::string offsets = "offsets";
       for (std::int32_t sequence = 0; sequence < remembered_batches; ++sequence) {
         offsets += fmt::format(" {}", accepted("Produce again", producer.send(sequence)).base_offset);
       }
       return offsets;
     }},
    {"idempotence.remembers-five", "The last five batches of a producer are remembered.", "KIP-98; KAFKA-5494", "NONE, offset 0",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       producer.send_batches(remembered_batches);
       return with_offset(producer.send(0));
     }},
    {"idempotence.forgets-the-sixth", "A batch older than those is out of order.", "KIP-98; KAFKA-5494",
     "OUT_OF_ORDER_SEQUENCE_NUMBER",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       producer.send_batches(remembered_batches + 1);
       return code(producer.send(0));
     },
     "DUPLICATE_SEQUENCE_NUMBER"},
    {"idempotence.part-of-a-duplicate", "A batch with the first but not the last sequence of a known one is no duplicate.",
     "KIP-98", "OUT_OF_ORDER_SEQUENCE_NUMBER",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       accepted("Produce", producer.send(0, 3));
       return code(producer.send(0, 2));
     }},
    {"idempotence.gap", "A batch begins with the sequence behind the last one.", "KIP-98", "OUT_OF_ORDER_SEQUENCE_NUMBER",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       accepted("Produce", producer.send(0));
       return code(producer.send(2));
     }},
    {"idempotence.gap-leaves-nothing", "A refused batch changes nothing: the one that was missing is taken.", "KIP-98",
     "NONE, offset 1",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       accepted("Produce", producer.send(0));
       producer.send(2);
       return with_offset(producer.send(1));
     }},
    {"idempotence.old-epoch", "An epoch older than the known one is refused.", "KIP-98", "INVALID_PRODUCER_EPOCH",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       accepted("Produce with epoch 1", producer.send(0, 1, 1));
       return code(producer.send(0, 1, 0));
     }},
    {"idempotence.new-epoch", "A new epoch, which a producer may take by itself, begins with sequence 0.", "KIP-360",
     "NONE, offset 1",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       accepted("Produce", producer.send(0));
       return with_offset(producer.send(0, 1, 1));
     }},
    {"idempotence.new-epoch-not-at-0", "A new epoch begins with no other sequence.", "KIP-360", "OUT_OF_ORDER_SEQUENCE_NUMBER",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       accepted("Produce", producer.send(0));
       return code(producer.send(1, 1, 1));
     }},
    {"idempotence.new-epoch-forgets", "With a new epoch the batches of the old one are forgotten: the same sequences are new.",
     "KIP-98", "NONE, offset 2",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       producer.send_batches(2);
       return with_offset(producer.send(0, 1, 1));
     }},
    {"idempotence.unknown-producer", "A producer that is unknown to a partition may begin with any sequence.", "KIP-360",
     "NONE, offset 0", [](Witness& witness) { return with_offset(SomeProducer(witness).send(7)); },
     "UNKNOWN_PRODUCER_ID, offset -1"},
    {"idempotence.sequences-wrap", "The sequence behind 2147483647 is 0.", "KIP-98", "NONE, offset 2",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       if (code(producer.send(last_sequence - 1, 2)) != "NONE") throw NotAsked{"no producer may begin with a high sequence here"};
       return with_offset(producer.send(0));
     }},
    {"idempotence.wraps-inside", "A batch may have the wrap inside.", "KIP-98", "NONE, offset 3",
     [](Witness& witness) {
       const SomeProducer producer(witness);
       if (code(producer.send(last_sequence, 3)) != "NONE") throw NotAsked{"no producer may begin with a high sequence here"};
       return with_offset(producer.send(2));
     }},
    {"idempotence.partitions-apart", "A producer's sequences begin anew in each partition.", "KIP-98", "NONE, NONE, NONE",
     [](Witness& witness) {
       const auto places = witness.pair();
       const std::int64_t id = new_producer(witness, places[0].broker).producer_id;
       const auto send = [&](std::size_t place, std::int32_t sequence) {
         return code(produce(witness, places[place], from_producer(draft(), id, 0, sequence)));
       };
       std::string all = send(0, 0);
       all += ", " + send(1, 0);
       return all + ", " + send(0, 1);
     }},
    {"idempotence.others-between", "Records without a producer id in between do not disturb.", "KIP-98", "NONE, offset 2",
     [](Witness& witness) {
       const Place place = witness.place();
       const std::int64_t id = new_producer(witness, place.broker).producer_id;
       fill(witness, place, {from_producer(draft(), id, 0, 0), draft()});
       return with_offset(produce(witness, place, from_producer(draft(), id, 0, 1)));
     }},
    {"idempotence.each-to-itself", "What one producer sends does not concern the sequences of another.", "KIP-98", "NONE, NONE",
     [](Witness& witness) {
       const Place place = witness.place();
       const auto send = [&](std::int64_t id, std::int32_t sequence) {
         return code(produce(witness, place, from_producer(draft(), id, 0, sequence)));
       };
       const std::int64_t one = new_producer(witness, place.broker).producer_id;
       const std::int64_t other = new_producer(witness, place.broker).producer_id;
       send(one, 0);
       const std::string first = send(other, 0);
       return first + ", " + send(one, 1);
     }},
};

}  // namespace

std::span<const Question> idempotence() { return questions; }

}  // namespace acklab::conform
