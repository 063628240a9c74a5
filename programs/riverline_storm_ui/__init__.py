"""The part of Storm UI's REST API that `sparse` uses, answered from Nimbus over Thrift."""
