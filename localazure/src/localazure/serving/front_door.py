"""What the front door does to requests and answers: the filter's Lua, and how Envoy's own answers are worded. Pure.

Sources: how-to-troubleshoot-online-endpoints (statuses by kind of endpoint, the tracing headers), and
the service's own filter as far as one is public: an overflow has a reason, no body, and no header of Envoy's.
"""

from typing import Any

Document = dict[str, Any]
LUA = "envoy.filters.http.lua"
CLOCK = "clock"
CLAIMS = "claims"
KUBERNETES = "kubernetes"
SEEN = "azureml"
TURNED = "tokens expire by a clock"
BY_NAME = "azureml-model-deployment"  # header: which deployment is asked for; which one has answered
MODEL_STATUS = "ms-azureml-model-error-statuscode"
SERVER = "azureml-frontend"
CLIENT_ID = "x-ms-client-request-id"

# Only answers of a deployment have the time header; the gateway's own have none. Those have the route's headers, also
# where a caller was refused before the route was taken.
BOTH_WAYS = f"""
function seen(request)
  local metadata = request:streamInfo():dynamicMetadata()
  if request:metadata():get("{KUBERNETES}") then
    metadata:set("{SEEN}", "{KUBERNETES}", true)
  end
  local client = request:headers():get("{CLIENT_ID}")
  if client then
    client = string.sub(string.gsub(client, "[^%w%-]", ""), 1, 72)
    request:headers():replace("{CLIENT_ID}", client)
    metadata:set("{SEEN}", "client", client)
  end
end

function model_answered(headers, status, kubernetes)
  if kubernetes then
    if status == "500" then
      headers:replace("{MODEL_STATUS}", status)
      headers:replace(":status", "502")
    end
  elseif status ~= "200" then
    headers:replace(":status", "424")
    headers:replace("{MODEL_STATUS}", status)
    headers:replace("ms-azureml-model-error-reason", "model_error")
  end
end

function envoy_on_response(response)
  local headers = response:headers()
  local status = headers:get(":status")
  local known = response:streamInfo():dynamicMetadata():get("{SEEN}") or {{}}
  local time = headers:get("x-envoy-upstream-service-time")
  if known.client then
    headers:replace("{CLIENT_ID}", known.client)
  end
  if time then
    headers:remove("x-envoy-upstream-service-time")
    headers:replace("ms-azureml-model-time", time)
    model_answered(headers, status, known.{KUBERNETES})
  elseif status == "401" or status == "403" then
    headers:remove("{BY_NAME}")
  elseif headers:get("x-envoy-overloaded") then
    headers:remove("x-envoy-overloaded")
    if not known.{KUBERNETES} then
      headers:replace("content-type", "text/plain")
      headers:replace("ms-azureml-model-error-reason", "too_many_pending_request")
    end
  end
end
"""
ONLY_SEEN = """
function envoy_on_request(request)
  seen(request)
end
"""
EXPIRY = f"""
function envoy_on_request(request)
  seen(request)
  local clock = request:metadata():get("{CLOCK}")
  local token = clock and request:streamInfo():dynamicMetadata():get("envoy.filters.http.jwt_authn")
  local ends = token and token.{CLAIMS}.exp
  if ends and ends <= clock.azure + (os.time() - clock.wall) * clock.pace then
    request:respond({{[":status"] = "401"}}, "the token has expired")
  end
end
"""
SCRIPT = BOTH_WAYS + ONLY_SEEN
SCRIPT_WITH_EXPIRY = BOTH_WAYS + EXPIRY


def own_answers(body_bytes: int) -> list[Document]:
    """Mappers of Envoy's own answers, the first that fits: a timeout and an overflow by the kind of endpoint."""
    slow = "the deployment did not answer within its request timeout"
    pending = "more requests in parallel than 2 x maxConcurrentRequestsPerInstance x instances"
    return [
        {"filter": _asked(":method", "CONNECT"), "status_code": 405, **_error(405, "the gateway is no proxy")},
        {"filter": _asked(":path", "*"), "status_code": 404, **_error(404, "there is no such path")},
        {"filter": _on_kubernetes(_flag("UT")), "status_code": 504, **_error(504, slow)},
        {"filter": _on_kubernetes(_flag("UO")), "status_code": 503, **_error(503, pending)},
        {"filter": _flag("UT"), "status_code": 408, **_error(408, slow)},
        {"filter": _flag("UO"), "status_code": 429, "body": {"inline_string": ""}},
        _worded(429, "more requests a second than the endpoint's limit"),
        _worded(413, f"the request's body is longer than {body_bytes} bytes"),
        *(_worded(status, "%LOCAL_REPLY_BODY%") for status in (401, 403, 404, 503)),
    ]


def _asked(header: str, value: str) -> Document:
    """Envoy's own answers to such a request, which reaches no route."""
    return {"header_filter": {"header": {"name": header, "string_match": {"exact": value}}}}


def _flag(flag: str) -> Document:
    """Answers of Envoy's own that it gives with this response flag."""
    return {"response_flag_filter": {"flags": [flag]}}


def _on_kubernetes(filter_: Document) -> Document:
    matcher = {"filter": SEEN, "path": [{"key": KUBERNETES}], "value": {"bool_match": True}}
    seen = {"metadata_filter": {"matcher": matcher, "match_if_key_not_found": False}}
    return {"and_filter": {"filters": [filter_, seen]}}


def _worded(status: int, message: str) -> Document:
    """Envoy's own answer with this status, in the service's form."""
    value = {"default_value": status, "runtime_key": f"status.{status}"}
    return {"filter": {"status_code_filter": {"comparison": {"op": "EQ", "value": value}}}, **_error(status, message)}


def _error(status: int, message: str) -> Document:
    return {"body_format_override": {"json_format": {"error": {"code": str(status), "message": message}}}}
