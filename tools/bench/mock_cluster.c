/* librdkafka's own mock cluster, as a cluster that is not ours to try our clients on. Prints the ready line of `acklab serve` and runs
 * until its input ends.
 *
 *   mock_cluster [BROKERS [TOPIC:PARTITIONS:REPLICAS]...]
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char** words) {
  char error[256];
  /* The mock lives inside a client, which is never used as one, so that nobody cares that it has no bootstrap.servers. */
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "log_level", "3", error, sizeof error);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  rd_kafka_mock_cluster_t* cluster = client ? rd_kafka_mock_cluster_new(client, count > 1 ? atoi(words[1]) : 3) : NULL;
  if (!cluster) {
    fprintf(stderr, "no mock cluster\n");
    return 2;
  }
  /* Its ListOffsets writes the leader epoch, which versions 4 and 5 have, with eight bytes instead of four. */
  const int16_t list_offsets = 2;
  rd_kafka_mock_set_apiversion(cluster, list_offsets, 0, 3);
  for (int i = 2; i < count; ++i) {
    char topic[128];
    int partitions, replicas;
    if (sscanf(words[i], "%127[^:]:%d:%d", topic, &partitions, &replicas) != 3 ||
        rd_kafka_mock_topic_create(cluster, topic, partitions, replicas)) {
      fprintf(stderr, "%s: write TOPIC:PARTITIONS:REPLICAS\n", words[i]);
      return 2;
    }
  }
  printf("ready bootstrap=%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);

  char ignored[256];
  while (read(STDIN_FILENO, ignored, sizeof ignored) > 0) continue;
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(client);
  return 0;
}
