// ResourceReader: documents to resources. Both forms (universal and Kubernetes), both spellings of keys of
// old kinds; what DNS does not depend on is skipped, unread.
#pragma once

#include "zones/kuma/resources.hpp"
#include "zones/text/yaml_file.hpp"

namespace meshdns::kuma {

// True for a document with a key that names a kind (`type`, `apiVersion`, `kind`) or with the `items` of a
// list, unless it has `records`.
bool is_resource(const text::YamlNode& document);

// Adds what `document` says to `out`. Lists (`kind: List`, `items` of an API answer) are read item by item; a
// kind that DNS does not depend on, or that is not Kuma's, is skipped. Throws text::YamlFault, also for a
// document that is no resource, such as an item of a list.
void read_resource(const text::YamlNode& document, ResourceSet& out);

}  // namespace meshdns::kuma
