; The topology jar: the project's Python as resources, and the MessagePack end of Storm's multilang protocol.
; `sparse` reads Storm's version from the line of storm-core in :base, which must stay as bare as it is; naming :base also
; keeps Leiningen from adding its own development tools. Nothing of Storm goes into the jar.
(defproject riverline "0.1.0"
  :description "The topology `content` of Riverline"
  :license {:name "Apache-2.0"}
  :dependencies []
  :managed-dependencies [[org.apache.storm/storm-clojure "2.8.3" :exclusions [org.clojars.bipinprasad/carbonite]]]
  :source-paths []
  :omit-source true
  :java-source-paths ["jvm/topology"]
  :javac-options ["--release" "17"]
  :resource-paths ["_resources"]
  :jar-exclusions [#"riverline/testing/"]
  :target-path "_build"
  :min-lein-version "2.0.0"
  :profiles {:base {:dependencies [[org.apache.storm/storm-core "2.8.3"]]}
             :provided {:dependencies [[org.apache.storm/storm-client "2.8.3"]]}})
