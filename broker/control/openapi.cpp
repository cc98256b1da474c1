#include "broker/control/openapi.h"

namespace acklab::broker {

const std::string_view openapi_document = R"json({
  "openapi": "3.1.0",
  "info": {
    "title": "acklab control plane",
    "version": "1",
    "description": "What a running cluster knows of itself, and faults done to it. Errors are problem documents (RFC 9457)."
  },
  "paths": {
    "/": {
      "get": {"summary": "Where to look", "responses": {"200": {"description": "One line", "content": {"text/plain": {}}}}}
    },
    "/metrics": {
      "get": {
        "summary": "Counters and gauges of all brokers, by Kafka's names",
        "responses": {"200": {"description": "Prometheus text format 0.0.4", "content": {"text/plain": {}}}}
      }
    },
    "/api/v1/cluster": {
      "get": {
        "summary": "Brokers and partitions",
        "responses": {
          "200": {
            "description": "As the controller decided last",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Cluster"}}}
          }
        }
      }
    },
    "/api/v1/faults": {
      "get": {
        "summary": "Every fault that was planned, and what became of it",
        "responses": {
          "200": {
            "description": "In the order of planning",
            "content": {
              "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/FaultStatus"}}}
            }
          }
        }
      },
      "post": {
        "summary": "Plan one fault; without \"when\" it acts at once",
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {"$ref": "#/components/schemas/Fault"},
              "example": {"do": "kill", "target": "leader:orders-0"}
            }
          }
        },
        "responses": {
          "201": {
            "description": "Planned; \"fired\" says whether it has struck already",
            "headers": {"Location": {"schema": {"type": "string"}}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FaultStatus"}}}
          },
          "400": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"},
          "413": {"$ref": "#/components/responses/Problem"},
          "415": {"$ref": "#/components/responses/Problem"},
          "422": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/faults/{id}": {
      "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
      "get": {
        "summary": "One fault",
        "responses": {
          "200": {
            "description": "What became of it",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FaultStatus"}}}
          },
          "404": {"$ref": "#/components/responses/Problem"}
        }
      },
      "delete": {
        "summary": "Lift a fault: what has not happened will not, what still works ends; what is over stays so",
        "responses": {
          "200": {
            "description": "Lifted",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FaultStatus"}}}
          },
          "404": {"$ref": "#/components/responses/Problem"},
          "409": {"$ref": "#/components/responses/Problem"}
        }
      }
    },
    "/api/v1/openapi.json": {
      "get": {"summary": "This document", "responses": {"200": {"description": "OpenAPI", "content": {"application/json": {}}}}}
    }
  },
  "components": {
    "responses": {
      "Problem": {
        "description": "What is wrong, where, and how to mend it",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
      }
    },
    "schemas": {
      "Problem": {
        "type": "object",
        "properties": {
          "type": {"type": "string"},
          "title": {"type": "string"},
          "status": {"type": "integer"},
          "detail": {"type": "string"}
        }
      },
      "Cluster": {
        "type": "object",
        "properties": {
          "controller": {"type": "object", "properties": {"alive": {"type": "boolean"}}},
          "brokers": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "id": {"type": "integer"},
                "address": {"type": "string"},
                "alive": {"type": "boolean"},
                "paused": {"type": "boolean"},
                "usable": {"type": "boolean", "description": "registered with the controller and not fenced"}
              }
            }
          },
          "partitions": {
            "type": "array",
            "items": {
              "type": "object",
              "properties": {
                "topic": {"type": "string"},
                "partition": {"type": "integer"},
                "leader": {"type": ["integer", "null"]},
                "epoch": {"type": "integer"},
                "isr": {"type": "array", "items": {"type": "integer"}},
                "replicas": {"type": "array", "items": {"type": "integer"}}
              }
            }
          }
        }
      },
      "Fault": {
        "type": "object",
        "description": "The keys of a [[fault]] table of a scenario file; tools/lab/scenarios/FORMAT.md says what they mean.",
        "required": ["do"],
        "properties": {
          "id": {"type": "string"},
          "when": {"type": "object"},
          "do": {"type": "string"},
          "target": {},
          "request": {"type": "object"},
          "code": {"type": "string"}
        }
      },
      "FaultStatus": {
        "type": "object",
        "properties": {
          "id": {"type": "string"},
          "do": {"type": "string"},
          "target": {"type": ["string", "null"]},
          "state": {"type": "string"},
          "planned": {"type": "integer"},
          "fired": {"type": "integer"},
          "struck": {"type": "array", "items": {"type": "string"}},
          "first_fired_ms": {"type": ["number", "null"], "description": "since the cluster began"}
        }
      }
    }
  }
}
)json";

}  // namespace acklab::broker
