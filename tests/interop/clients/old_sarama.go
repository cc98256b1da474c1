// One of the old clients that README.md describes: Go's sarama, of any age.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"github.com/Shopify/sarama"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func write(client sarama.Client, topic string) {
	producer, err := sarama.NewSyncProducerFromClient(client)
	check(err)
	var messages []*sarama.ProducerMessage
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		messages = append(messages, &sarama.ProducerMessage{Topic: topic, Partition: 0, Value: sarama.StringEncoder(lines.Text())})
	}
	check(producer.SendMessages(messages))
	check(producer.Close())
}

func read(client sarama.Client, topic string, count int) {
	consumer, err := sarama.NewConsumerFromClient(client)
	check(err)
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	check(err)
	for ; count > 0; count-- {
		select {
		case message := <-partition.Messages():
			fmt.Println(string(message.Value))
		case err := <-partition.Errors():
			log.Fatal(err)
		}
	}
}

func main() {
	if len(os.Args) != 6 {
		log.Fatalf("usage: %s VERSION write|read BOOTSTRAP TOPIC CODEC|COUNT", os.Args[0])
	}
	version, err := sarama.ParseKafkaVersion(os.Args[1])
	check(err)
	config := sarama.NewConfig()
	config.Version = version // what sarama speaks, without asking the broker
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.Return.Successes = true
	config.Consumer.Return.Errors = true
	config.Consumer.Fetch.Default = 64 // less than most messages: it has to ask for more
	if os.Args[2] == "write" {
		codecs := map[string]sarama.CompressionCodec{"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP,
			"snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4}
		config.Producer.Compression = codecs[os.Args[5]]
	}
	client, err := sarama.NewClient(strings.Split(os.Args[3], ","), config)
	check(err)
	if os.Args[2] == "write" {
		write(client, os.Args[4])
	} else {
		count, err := strconv.Atoi(os.Args[5])
		check(err)
		read(client, os.Args[4], count)
	}
}
