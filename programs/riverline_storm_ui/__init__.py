"""The part of Storm UI's REST API that `sparse` asks for, told by Nimbus over Thrift."""
