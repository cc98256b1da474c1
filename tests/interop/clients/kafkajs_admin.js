// kafkajs's admin client against the cluster: see admin.sh.
const assert = require('assert')
const { Kafka, logLevel, ConfigResourceTypes } = require('kafkajs')

const topic = 'orders'
const kafka = new Kafka({ clientId: 'kafkajs', brokers: process.argv[2].split(','), logLevel: logLevel.NOTHING })

// Other brokers learn of a change a moment after the one that was asked.
async function eventually (look, wanted) {
  const deadline = Date.now() + 20000
  let seen = await look()
  while (seen !== wanted && Date.now() < deadline) {
    await new Promise(resolve => setTimeout(resolve, 50))
    seen = await look()
  }
  assert.strictEqual(seen, wanted)
}

async function main () {
  const admin = kafka.admin()
  await admin.connect()
  const setting = async name => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: true, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }]
    })
    return resources[0].configEntries[0].configValue
  }
  const partitions = async () => (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length

  assert(await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 3,
    configEntries: [{ name: 'retention.ms', value: '1000000' }] }] }))
  assert.strictEqual(await admin.createTopics({ topics: [{ topic }] }), false)
  await eventually(() => setting('retention.ms'), '1000000')

  await admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic,
    configEntries: [{ name: 'retention.ms', value: '2000000' }] }] })
  await eventually(() => setting('retention.ms'), '2000000')

  await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
  await eventually(partitions, 2)

  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, acks: -1, messages: ['a', 'b', 'c'].map(value => ({ value, partition: 0 })) })
  await producer.disconnect()
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
  const [{ low, high }] = await admin.fetchTopicOffsets(topic)
  assert.deepStrictEqual([low, high], ['2', '3'])

  await admin.deleteTopics({ topics: [topic] })
  await eventually(async () => (await admin.listTopics()).length, 0)
  await assert.rejects(admin.deleteTopics({ topics: [topic] }))
  await admin.disconnect()
}

main().catch(error => { console.error(error); process.exit(1) })
