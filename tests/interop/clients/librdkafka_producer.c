/* One of the producers that README.md describes: librdkafka, called from C. */
#include <librdkafka/rdkafka.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set(rd_kafka_conf_t* conf, const char* key, const char* value) {
  char error[256];
  if (rd_kafka_conf_set(conf, key, value, error, sizeof error) == RD_KAFKA_CONF_OK) return;
  fprintf(stderr, "%s=%s: %s\n", key, value, error);
  exit(2);
}

/* The number of the record travels as its opaque. librdkafka knows of a record that was never sent that it is not in the log. */
static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque) {
  const long number = (long)(intptr_t)message->_private;
  (void)client, (void)opaque;
  if (!message->err) {
    printf("acked %ld %lld\n", number, (long long)message->offset);
  } else {
    const int absent = rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
    printf("%s %ld %s\n", absent ? "failed" : "unknown", number, rd_kafka_err2str(message->err));
  }
}

int main(int count, char** words) {
  if (count != 6) {
    fprintf(stderr, "usage: %s BOOTSTRAP TOPIC RECORDS PAUSE_MS yes|no\n", words[0]);
    return 2;
  }
  const char* topic = words[2];
  const long records = atol(words[3]);
  const useconds_t pause = (useconds_t)atol(words[4]) * 1000;
  setvbuf(stdout, NULL, _IOLBF, 0);

  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", words[1]);
  set(conf, "client.id", "librdkafka");
  set(conf, "acks", "all");
  set(conf, "enable.idempotence", strcmp(words[5], "yes") == 0 ? "true" : "false");
  set(conf, "max.in.flight", "5");
  set(conf, "batch.num.messages", "10");
  set(conf, "socket.timeout.ms", "1000");
  set(conf, "request.timeout.ms", "1000");
  set(conf, "message.timeout.ms", "30000");
  set(conf, "retry.backoff.ms", "50");
  set(conf, "reconnect.backoff.max.ms", "200");
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);

  char error[256];
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (!client) {
    fprintf(stderr, "%s\n", error);
    return 2;
  }
  for (long number = 1; number <= records; ++number) {
    char value[32];
    const int length = snprintf(value, sizeof value, "r-%06ld", number);
    const rd_kafka_resp_err_t refused =
        rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE(value, (size_t)length),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE((void*)(intptr_t)number), RD_KAFKA_V_END);
    if (refused) printf("failed %ld %s\n", number, rd_kafka_err2str(refused));
    rd_kafka_poll(client, 0);
    usleep(pause);
  }
  const int left = rd_kafka_flush(client, 40000) != RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_destroy(client);
  if (left) return 1;
  puts("done");
  return 0;
}
