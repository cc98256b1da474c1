// One of the producers that README.md describes: Go's sarama.
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/Shopify/sarama"
)

func main() {
	if len(os.Args) != 6 {
		log.Fatalf("usage: %s BOOTSTRAP TOPIC RECORDS PAUSE_MS yes|no", os.Args[0])
	}
	topic := os.Args[2]
	records, _ := strconv.Atoi(os.Args[3])
	pause, _ := strconv.Atoi(os.Args[4])

	config := sarama.NewConfig()
	config.ClientID = "sarama"
	config.Version = sarama.V2_2_0_0 // sarama does not ask the broker
	config.Net.DialTimeout = time.Second
	config.Net.ReadTimeout = time.Second
	config.Net.WriteTimeout = time.Second
	config.Metadata.Retry.Max = 50
	config.Metadata.Retry.Backoff = 100 * time.Millisecond
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Timeout = time.Second
	config.Producer.Retry.Max = 100
	config.Producer.Retry.Backoff = 100 * time.Millisecond
	config.Producer.Flush.MaxMessages = 10
	config.Producer.Flush.Frequency = 5 * time.Millisecond
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Producer.Return.Successes = true
	if os.Args[5] == "yes" {
		config.Producer.Idempotent = true
		config.Net.MaxOpenRequests = 1 // sarama's own rule
	}

	producer, err := sarama.NewAsyncProducer(strings.Split(os.Args[1], ","), config)
	if err != nil {
		log.Fatal(err)
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		untold := make(map[int]bool)
		for number := 1; number <= records; number++ {
			untold[number] = true
		}
		for len(untold) > 0 {
			select {
			case ok := <-producer.Successes():
				delete(untold, ok.Metadata.(int))
				fmt.Println("acked", ok.Metadata, ok.Offset)
			case failed := <-producer.Errors():
				delete(untold, failed.Msg.Metadata.(int))
				fmt.Println("unknown", failed.Msg.Metadata, failed.Err)
			// Longer than all retries of a record: sarama has forgotten the rest.
			case <-time.After(20 * time.Second):
				for number := range untold {
					fmt.Println("unknown", number, "sarama never told")
				}
				return
			}
		}
	}()
	for number := 1; number <= records; number++ {
		producer.Input() <- &sarama.ProducerMessage{Topic: topic, Partition: 0, Metadata: number,
			Value: sarama.StringEncoder(fmt.Sprintf("r-%06d", number))}
		time.Sleep(time.Duration(pause) * time.Millisecond)
	}
	<-told
	producer.AsyncClose()
	fmt.Println("done")
}
