// One of the old clients that README.md describes: Go's kafka-go.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/gzip"
	"github.com/segmentio/kafka-go/lz4"
	"github.com/segmentio/kafka-go/snappy"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func write(bootstrap, topic, codec string) {
	codecs := map[string]kafka.CompressionCodec{
		"gzip": gzip.NewCompressionCodec(), "snappy": snappy.NewCompressionCodec(), "lz4": lz4.NewCompressionCodec()}
	writer := kafka.NewWriter(kafka.WriterConfig{
		Brokers: strings.Split(bootstrap, ","), Topic: topic, RequiredAcks: -1, CompressionCodec: codecs[codec]})
	var messages []kafka.Message
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		messages = append(messages, kafka.Message{Value: []byte(lines.Text())})
	}
	check(writer.WriteMessages(context.Background(), messages...))
	check(writer.Close())
}

func read(bootstrap, topic string, count int) {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: strings.Split(bootstrap, ","), Topic: topic, Partition: 0, MinBytes: 1, MaxBytes: 1000000})
	for ; count > 0; count-- {
		message, err := reader.ReadMessage(context.Background())
		check(err)
		fmt.Println(string(message.Value))
	}
	check(reader.Close())
}

func main() {
	if len(os.Args) != 5 {
		log.Fatalf("usage: %s write|read BOOTSTRAP TOPIC CODEC|COUNT", os.Args[0])
	}
	if os.Args[1] == "write" {
		write(os.Args[2], os.Args[3], os.Args[4])
	} else {
		count, err := strconv.Atoi(os.Args[4])
		check(err)
		read(os.Args[2], os.Args[3], count)
	}
}
