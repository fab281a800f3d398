// SPDX-License-Identifier: Apache-2.0
//
// Resolves the names of a graph and orders its nodes. Names are sorted, not
// hashed: no input can make look-ups slow.
#include "cimc/import/onnx/graph.h"

#include "dialect/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Who defines a name; an initializer may share its name with a graph input.
typedef enum definer { INITIALIZER, INPUT, NODE } definer;

typedef struct definition {
  const char *name;
  definer by;
  uint32_t index; // of the initializer, input or node
  uint32_t output;
  uint32_t value;
} definition;

typedef struct definitions {
  definition *all;
  size_t count;
} definitions;

static bool no_memory(const cimc_graph *graph) {
  cimc_diag_error(graph->file, "the model needs more memory than is allowed");
  return false;
}

static cimc_place place_of(const cimc_graph *graph, uint32_t node) {
  return (cimc_place){.file = graph->file, .node = graph->nodes[node].name};
}

// -- Names -------------------------------------------------------------------
static int compare_numbers(uint32_t a, uint32_t b) { return (a > b) - (a < b); }

static int compare(const void *a, const void *b) {
  const definition *left = a, *right = b;
  int order = strcmp(left->name, right->name);
  if (order == 0)
    order = compare_numbers(left->by, right->by);
  if (order == 0)
    order = compare_numbers(left->index, right->index);
  return order != 0 ? order : compare_numbers(left->output, right->output);
}

static uint32_t find(const definitions *names, const char *name) {
  size_t low = 0, high = names->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (strcmp(names->all[middle].name, name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == names->count || strcmp(names->all[low].name, name) != 0)
    return CIMC_GRAPH_NONE;
  return names->all[low].value;
}

static void describe(const cimc_graph *graph, const definition *by, char *out,
                     size_t size) {
  if (by->by == NODE)
    snprintf(out, size, "node '%s'", graph->nodes[by->index].name);
  else
    snprintf(out, size, "%s",
             by->by == INPUT ? "a graph input" : "an initializer");
}

static bool check_duplicates(const cimc_graph *graph,
                             const definitions *names) {
  for (size_t i = 1; i < names->count; i++) {
    const definition *a = &names->all[i - 1], *b = &names->all[i];
    if (strcmp(a->name, b->name) != 0 ||
        (a->by == INITIALIZER && b->by == INPUT))
      continue;
    char first[200], second[200];
    describe(graph, a, first, sizeof first);
    describe(graph, b, second, sizeof second);
    cimc_diag_error(graph->file, "value '%s' is defined twice: by %s and by %s",
                    a->name, first, second);
    cimc_diag_note("ONNX wants each value to have a name of its own");
    return false;
  }
  return true;
}

static size_t count_definitions(const cimc_proto_model *model) {
  size_t count = model->initializer_count + model->input_count;
  for (size_t i = 0; i < model->node_count; i++)
    count += model->nodes[i].output_count;
  return count;
}

static void collect(const cimc_proto_model *model, definitions *names) {
  for (size_t i = 0; i < model->initializer_count; i++)
    names->all[names->count++] =
        (definition){.name = model->initializers[i].name,
                     .by = INITIALIZER,
                     .index = (uint32_t)i};
  for (size_t i = 0; i < model->input_count; i++)
    names->all[names->count++] = (definition){
        .name = model->inputs[i].name, .by = INPUT, .index = (uint32_t)i};
  for (size_t i = 0; i < model->node_count; i++)
    for (size_t j = 0; j < model->nodes[i].output_count; j++)
      if (model->nodes[i].outputs[j][0] != '\0')
        names->all[names->count++] =
            (definition){.name = model->nodes[i].outputs[j],
                         .by = NODE,
                         .index = (uint32_t)i,
                         .output = (uint32_t)j};
}

// Gives each name a value; an input of an initializer's name gets none.
static void define_values(cimc_graph *graph, definitions *names) {
  for (size_t i = 0; i < names->count; i++) {
    definition *by = &names->all[i];
    if (by->by == INPUT && i > 0 &&
        strcmp(names->all[i - 1].name, by->name) == 0) {
      by->value = names->all[i - 1].value;
      graph->inputs[by->index] = CIMC_GRAPH_NONE;
      continue;
    }
    by->value = graph->value_count++;
    cimc_graph_value *value = &graph->values[by->value];
    value->name = by->name;
    value->producer = by->by == NODE ? by->index : CIMC_GRAPH_NONE;
    if (by->by == INITIALIZER) {
      value->initializer = &graph->model->initializers[by->index];
      value->elem = cimc_tensor_widened(value->initializer->elem);
      if (value->elem == CIMC_ELEM_UNDEFINED)
        value->elem = value->initializer->elem; // for errors
      value->shape.rank = value->initializer->rank;
      memcpy(value->shape.dim, value->initializer->dim,
             sizeof value->shape.dim);
    } else if (by->by == INPUT) {
      graph->inputs[by->index] = by->value;
    }
  }
}

// -- Nodes -------------------------------------------------------------------
static bool name_node(cimc_graph *graph, uint32_t i) {
  const cimc_proto_node *proto = &graph->model->nodes[i];
  cimc_graph_node *node = &graph->nodes[i];
  node->proto = proto;
  node->name = proto->name;
  if (proto->name[0] != '\0')
    return true;
  size_t size = strlen(proto->op_type) + 16;
  char *name = cimc_arena_alloc(graph->arena, size, 1);
  if (!name)
    return no_memory(graph);
  snprintf(name, size, "%s#%u", proto->op_type, i);
  node->name = name;
  return true;
}

static bool link_node(cimc_graph *graph, const definitions *names, uint32_t i) {
  cimc_graph_node *node = &graph->nodes[i];
  const cimc_proto_node *proto = node->proto;
  node->inputs =
      cimc_arena_alloc(graph->arena, proto->input_count, sizeof *node->inputs);
  node->outputs = cimc_arena_alloc(graph->arena, proto->output_count,
                                   sizeof *node->outputs);
  if (!node->inputs || !node->outputs)
    return no_memory(graph);
  for (size_t j = 0; j < proto->output_count; j++)
    node->outputs[j] = proto->outputs[j][0] != '\0'
                           ? find(names, proto->outputs[j])
                           : CIMC_GRAPH_NONE;
  for (size_t j = 0; j < proto->input_count; j++) {
    node->inputs[j] = CIMC_GRAPH_NONE;
    if (proto->inputs[j][0] == '\0')
      continue;
    node->inputs[j] = find(names, proto->inputs[j]);
    if (node->inputs[j] != CIMC_GRAPH_NONE)
      continue;
    cimc_place place = place_of(graph, i);
    cimc_diag_report(CIMC_SEVERITY_ERROR, &place,
                     "input %zu, '%s', is defined nowhere", j,
                     proto->inputs[j]);
    cimc_diag_note("expected a graph input, an initializer or another node's "
                   "output; export the model again");
    return false;
  }
  return true;
}

static bool link_outputs(cimc_graph *graph, const definitions *names) {
  for (size_t i = 0; i < graph->model->output_count; i++) {
    const char *name = graph->model->outputs[i].name;
    graph->outputs[i] = find(names, name);
    bool found = graph->outputs[i] != CIMC_GRAPH_NONE;
    if (!found || graph->values[graph->outputs[i]].is_output) {
      cimc_diag_error(graph->file, "graph output '%s' is %s", name,
                      found ? "listed twice" : "defined nowhere");
      return false;
    }
    graph->values[graph->outputs[i]].is_output = true;
  }
  return true;
}

// -- Order -------------------------------------------------------------------
// Scratch of ordering. Edges go from a producer to those who use its outputs.
typedef struct ordering {
  bool *needed;
  uint32_t *stack;
  uint32_t *pending;    // inputs of a node that are not made yet
  uint32_t *first_edge; // [node_count + 1] into edges
  uint32_t *edges;
} ordering;

static uint32_t producer_of(const cimc_graph *graph, uint32_t value) {
  return value == CIMC_GRAPH_NONE ? CIMC_GRAPH_NONE
                                  : graph->values[value].producer;
}

static uint32_t push(ordering *work, uint32_t top, uint32_t node) {
  if (node == CIMC_GRAPH_NONE || work->needed[node])
    return top;
  work->needed[node] = true;
  work->stack[top] = node;
  return top + 1;
}

// Marks what the outputs need; the rest of the graph is not looked at.
static void mark_needed(const cimc_graph *graph, ordering *work) {
  uint32_t top = 0;
  for (size_t i = 0; i < graph->model->output_count; i++) {
    graph->values[graph->outputs[i]].used = true;
    top = push(work, top, producer_of(graph, graph->outputs[i]));
  }
  while (top > 0) {
    const cimc_graph_node *node = &graph->nodes[work->stack[--top]];
    for (size_t j = 0; j < node->proto->input_count; j++) {
      if (node->inputs[j] != CIMC_GRAPH_NONE)
        graph->values[node->inputs[j]].used = true;
      top = push(work, top, producer_of(graph, node->inputs[j]));
    }
  }
}

// Counts, for each needed node, its pending inputs and outgoing edges.
static bool build_edges(cimc_graph *graph, ordering *work) {
  uint32_t count = (uint32_t)graph->model->node_count, edges = 0;
  for (uint32_t i = 0; i < count; i++) {
    for (size_t j = 0;
         work->needed[i] && j < graph->nodes[i].proto->input_count; j++) {
      uint32_t from = producer_of(graph, graph->nodes[i].inputs[j]);
      if (from == CIMC_GRAPH_NONE)
        continue;
      work->pending[i]++;
      work->first_edge[from + 1]++;
      edges++;
    }
  }
  work->edges = cimc_arena_alloc(graph->arena, edges, sizeof *work->edges);
  uint32_t *fill =
      cimc_arena_alloc(graph->arena, (size_t)count + 1, sizeof *fill);
  if (!work->edges || !fill)
    return no_memory(graph);
  for (uint32_t i = 0; i < count; i++)
    fill[i + 1] = work->first_edge[i + 1] += work->first_edge[i];
  for (uint32_t i = 0; i < count; i++) {
    for (size_t j = 0;
         work->needed[i] && j < graph->nodes[i].proto->input_count; j++) {
      uint32_t from = producer_of(graph, graph->nodes[i].inputs[j]);
      if (from != CIMC_GRAPH_NONE)
        work->edges[fill[from]++] = i;
    }
  }
  return true;
}

// Some node is left over, and each of them waits, directly or not, for a
// cycle: going back along pending producers as often as there are nodes ends
// inside it.
static bool report_cycle(const cimc_graph *graph, const ordering *work) {
  uint32_t count = (uint32_t)graph->model->node_count, at = 0;
  while (work->pending[at] == 0)
    at++;
  for (uint32_t step = 0; step < count; step++) {
    const cimc_graph_node *node = &graph->nodes[at];
    for (size_t j = 0; j < node->proto->input_count; j++) {
      uint32_t from = producer_of(graph, node->inputs[j]);
      if (from != CIMC_GRAPH_NONE && work->pending[from] > 0) {
        at = from;
        break;
      }
    }
  }
  cimc_place place = place_of(graph, at);
  cimc_diag_report(CIMC_SEVERITY_ERROR, &place,
                   "the node needs its own output: the graph has a cycle");
  cimc_diag_note("an ONNX graph is acyclic; export the model again");
  return false;
}

// Kahn's algorithm; a graph already in order, as ONNX wants, keeps its order
// where it can.
static bool sort_nodes(cimc_graph *graph, ordering *work) {
  uint32_t count = (uint32_t)graph->model->node_count, needed = 0;
  uint32_t head = 0;
  for (uint32_t i = 0; i < count; i++)
    needed += work->needed[i];
  for (uint32_t i = 0; i < count; i++) {
    if (work->needed[i] && work->pending[i] == 0)
      graph->order[graph->order_count++] = i;
  }
  while (head < graph->order_count) {
    uint32_t node = graph->order[head++];
    for (uint32_t e = work->first_edge[node]; e < work->first_edge[node + 1];
         e++)
      if (--work->pending[work->edges[e]] == 0)
        graph->order[graph->order_count++] = work->edges[e];
  }
  return graph->order_count == needed || report_cycle(graph, work);
}

// The order of the file, when no node comes before one it needs.
static bool keep_order(cimc_graph *graph, const ordering *work) {
  for (uint32_t i = 0; i < graph->model->node_count; i++) {
    if (!work->needed[i])
      continue;
    for (size_t j = 0; j < graph->nodes[i].proto->input_count; j++) {
      uint32_t from = producer_of(graph, graph->nodes[i].inputs[j]);
      if (from != CIMC_GRAPH_NONE && from >= i) {
        graph->order_count = 0;
        return false;
      }
    }
    graph->order[graph->order_count++] = i;
  }
  return true;
}

// Consumers first, so that what a node makes is counted before what it reads.
static void count_readers(cimc_graph *graph) {
  for (uint32_t i = 0; i < graph->value_count; i++) {
    graph->values[i].readers = graph->values[i].is_output;
    graph->values[i].through = graph->values[i].is_output ? CIMC_GRAPH_NONE : 0;
  }
  for (uint32_t i = graph->order_count; i-- > 0;) {
    const cimc_graph_node *node = &graph->nodes[graph->order[i]];
    bool dequantizes = strcmp(node->proto->op_type, "DequantizeLinear") == 0 &&
                       node->proto->output_count > 0 &&
                       node->outputs[0] != CIMC_GRAPH_NONE;
    for (size_t j = 0; j < node->proto->input_count; j++) {
      if (node->inputs[j] == CIMC_GRAPH_NONE)
        continue;
      cimc_graph_value *value = &graph->values[node->inputs[j]];
      value->readers++;
      if (!dequantizes || j != 0)
        value->through = CIMC_GRAPH_NONE;
      else if (value->through != CIMC_GRAPH_NONE)
        value->through += graph->values[node->outputs[0]].readers;
    }
  }
}

static bool order_nodes(cimc_graph *graph) {
  size_t count = graph->model->node_count;
  ordering work = {
      .needed = cimc_arena_alloc(graph->arena, count, sizeof(bool)),
      .stack = cimc_arena_alloc(graph->arena, count, sizeof(uint32_t)),
      .pending = cimc_arena_alloc(graph->arena, count, sizeof(uint32_t)),
      .first_edge =
          cimc_arena_alloc(graph->arena, count + 1, sizeof(uint32_t))};
  graph->order = cimc_arena_alloc(graph->arena, count, sizeof *graph->order);
  if (!work.needed || !work.stack || !work.pending || !work.first_edge ||
      !graph->order)
    return no_memory(graph);
  mark_needed(graph, &work);
  return keep_order(graph, &work) ||
         (build_edges(graph, &work) && sort_nodes(graph, &work));
}

bool cimc_graph_resolve(const char *file, const cimc_proto_model *model,
                        cimc_arena *arena, cimc_graph *out) {
  *out = (cimc_graph){.file = file, .arena = arena, .model = model};
  size_t count = count_definitions(model);
  definitions names = {.all =
                           cimc_arena_alloc(arena, count, sizeof *names.all)};
  out->values = cimc_arena_alloc(arena, count, sizeof *out->values);
  out->nodes = cimc_arena_alloc(arena, model->node_count, sizeof *out->nodes);
  out->inputs =
      cimc_arena_alloc(arena, model->input_count, sizeof *out->inputs);
  out->outputs =
      cimc_arena_alloc(arena, model->output_count, sizeof *out->outputs);
  if (!names.all || !out->values || !out->nodes || !out->inputs ||
      !out->outputs || count > UINT32_MAX / 2)
    return no_memory(out);
  for (uint32_t i = 0; i < model->node_count; i++)
    if (!name_node(out, i))
      return false;
  collect(model, &names);
  qsort(names.all, names.count, sizeof *names.all, compare);
  if (!check_duplicates(out, &names))
    return false;
  define_values(out, &names);
  for (uint32_t i = 0; i < model->node_count; i++)
    if (!link_node(out, &names, i))
      return false;
  if (!link_outputs(out, &names) || !order_nodes(out))
    return false;
  count_readers(out);
  return true;
}
